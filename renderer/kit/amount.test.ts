import { describe, expect, it } from 'vitest'
import { percentOf, readableBytes, readableCpu, sumUsage, usageOf } from './amount.ts'

describe('amounts for reading', () => {
  it.each([
    [0, '0 B'],
    [512 * 1024, '512 KiB'],
    [1000 * 1024 ** 2, '0.98 GiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [23.36 * 1024 ** 3, '23.4 GiB'],
  ])('%d bytes are %s', (bytes, text) => expect(readableBytes(bytes)).toBe(text))

  it.each([
    [0, '0m'],
    [0.5, '0.5m'],
    [249.6, '250m'],
    [1000, '1'],
    [1250, '1.25'],
  ])('%d millicores are %s', (milli, text) => expect(readableCpu(milli)).toBe(text))

  it('reads lists of quantities and sums them', () => {
    expect(
      sumUsage([usageOf({ cpu: '1500000n', memory: '1Mi' }), usageOf({ cpu: '1' }), usageOf({})]),
    ).toEqual({ milliCpu: 1002, memory: 1024 ** 2 })
  })

  it('gives no share of nothing', () => {
    expect([percentOf(1, 3), percentOf(1, 0)]).toEqual(['33%', ''])
  })
})
