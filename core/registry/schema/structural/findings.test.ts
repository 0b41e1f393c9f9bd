import { describe, expect, it } from 'vitest'
import { validateValue } from './validate-value.ts'

describe('what a schema refuses', () => {
  it('is told of every one of very many items, in proportion to them', () => {
    const schema = {
      type: 'array',
      items: { type: 'object', required: ['b'], properties: { a: { type: 'string' } } },
    } as const
    const errors = validateValue(
      schema,
      Array.from({ length: 150_000 }, () => ({ a: 1 })),
      { path: ['list'] },
    )
    expect(errors).toHaveLength(300_000)
    expect(errors.at(-1)).toMatchObject({ field: 'list[149999].b' })
  })
})
