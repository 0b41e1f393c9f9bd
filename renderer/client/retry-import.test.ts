import { beforeEach, describe, expect, it, vi } from 'vitest'
import { retryImport } from './retry-import.ts'

const lost = new TypeError('Failed to fetch dynamically imported module')
const pause = (): Promise<void> => Promise.resolve()
const isServed = (): Promise<boolean> => Promise.resolve(true)
beforeEach(() => sessionStorage.clear())

describe('a part of the page whose request is lost', () => {
  it('is asked for again', async () => {
    const load = vi.fn<() => Promise<string>>().mockRejectedValueOnce(lost).mockResolvedValue('part')
    const reload = vi.fn()
    await expect(retryImport(load, { pause, reload })).resolves.toBe('part')
    expect(load).toHaveBeenCalledTimes(2)
    expect(reload).not.toHaveBeenCalled()
  })

  it('reloads the page when it stays away, but not again and again', async () => {
    const load = vi.fn<() => Promise<string>>().mockRejectedValue(lost)
    const reload = vi.fn()
    await expect(retryImport(load, { pause, reload, isServed })).rejects.toBe(lost)
    await expect(retryImport(load, { pause, reload, isServed })).rejects.toBe(lost)
    expect(reload).toHaveBeenCalledTimes(1)
  })

  it('is waited for while nobody serves the page, which is kept', async () => {
    let asked = 0
    const served = (): Promise<boolean> => Promise.resolve(++asked > 5)
    const load = vi.fn<() => Promise<string>>(() =>
      asked > 5 ? Promise.resolve('part') : Promise.reject(lost),
    )
    const reload = vi.fn()
    await expect(retryImport(load, { pause, reload, isServed: served })).resolves.toBe('part')
    expect(reload).not.toHaveBeenCalled()
  })
})
