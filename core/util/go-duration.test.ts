import { expect, it } from 'vitest'
import { formatGoDuration } from './go-duration.ts'

it.each([
  [0n, '0s'],
  [7n, '7ns'],
  [1_500n, '1.5µs'],
  [20_000_000n, '20ms'],
  [15_020_000_000n, '15.02s'],
  [60_000_000_000n, '1m0s'],
  [3_602_500_000_000n, '1h0m2.5s'],
  [-90_000_000_000n, '-1m30s'],
])('writes %i ns as %s', (nanos, text) => {
  expect(formatGoDuration(nanos)).toBe(text)
})
