import { describe, expect, it } from 'vitest'
import { fitsBetter } from './fuzzy.ts'

describe('fitsBetter', () => {
  it('puts a name before titles that only have the letters', () => {
    expect(fitsBetter('web', ['web', 'web-54f48'], ['Mutating webhooks', 'Validating webhooks'])).toBe(true)
  })

  it('leaves the pages in front where they fit as well, or nothing does', () => {
    expect(fitsBetter('pods', ['pods-of-orca'], ['Pods'])).toBe(false)
    expect(fitsBetter('pods', [], [])).toBe(false)
  })
})
