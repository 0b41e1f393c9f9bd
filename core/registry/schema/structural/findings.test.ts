import { describe, expect, it } from 'vitest'
import type { Schema } from '../schema.ts'
import { createPatternMatcher } from './patterns.ts'
import { validateValue } from './validate-value.ts'

describe('what a schema refuses', () => {
  it('is told of every one of very many items, in proportion to them', () => {
    const schema: Schema = {
      type: 'array',
      items: { type: 'object', required: ['b'], properties: { a: { type: 'string' } } },
    }
    const errors = validateValue(
      schema,
      Array.from({ length: 150_000 }, () => ({ a: 1 })),
      {
        path: ['list'],
        patterns: createPatternMatcher(),
      },
    )
    expect(errors).toHaveLength(300_000)
    expect(errors.at(-1)).toMatchObject({ field: 'list[149999].b' })
  })
})
