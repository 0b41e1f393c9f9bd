import { describe, expect, it } from 'vitest'
import {
  canonicalQuantity,
  compareQuantity,
  formatBytes,
  formatMilli,
  isQuantity,
  quantityMilli,
  quantityValue,
} from './quantity.ts'

describe('quantities', () => {
  it.each([
    ['1', 1],
    ['0.1', 1],
    ['1Ki', 1024],
    ['1.5Gi', 1610612736],
    ['1e3', 1000],
    ['1E', 1e18],
    ['100m', 1],
    ['-5', -5],
    ['.5M', 500_000],
    ['12E-1', 2],
  ])('%s is %d whole units', (text, value) => expect(quantityValue(text)).toBe(value))

  it.each([
    ['250m', 250],
    ['2', 2000],
    ['0.5', 500],
    ['1n', 1],
  ])('%s is %d thousandths', (text, value) => expect(quantityMilli(text)).toBe(value))

  it.each(['', 'abc', '1kb', '1 Gi', '--1', '.', 'Ki', '1e', '0x10'])('refuses %j', (text) =>
    expect(isQuantity(text)).toBe(false),
  )

  it.each([
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1024Mi', '1Gi'],
    ['1500m', '1500m'],
    ['1Gi', '1Gi'],
    ['0', '0'],
    ['1e3', '1e3'],
    ['1000', '1k'],
    ['128974848', '128974848'],
    ['0.5Gi', '512Mi'],
    ['1.5', '1500m'],
  ])('%s is stored as %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical))

  it('compares across units', () => {
    expect(compareQuantity('1Gi', '1G')).toBe(1)
    expect(compareQuantity('1', '1000m')).toBe(0)
    expect(compareQuantity('1u', '1m')).toBe(-1)
  })

  it('formats', () => {
    expect(formatMilli(1500)).toBe('1500m')
    expect(formatMilli(2000)).toBe('2')
    expect(formatBytes(1048576)).toBe('1Mi')
    expect(formatBytes(1000)).toBe('1000')
  })
})
