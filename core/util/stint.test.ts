import { describe, expect, it } from 'vitest'
import { Stint } from './stint.ts'

function workFor(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('a stint', () => {
  it('is long after a while, and others go on while it rests', async () => {
    const stint = new Stint()
    workFor(15)
    expect(stint.isLong).toBe(true)
    let hasOtherGone = false
    setImmediate(() => (hasOtherGone = true))
    await stint.rest()
    expect(hasOtherGone).toBe(true)
  })
})
