import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { parseObject, shareFields, textOfObject } from './stored-text.ts'

const fields = (): Record<string, unknown> => ({ 'f:data': { '.': {}, 'f:a': {} } })

function objectWith(extra: object = {}): KubeObject & Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'a',
      managedFields: [
        {
          manager: 'x',
          operation: 'Update',
          fieldsType: 'FieldsV1',
          fieldsV1: shareFields(fields()),
          subresource: 'status',
        },
        { manager: 'y', fieldsV1: { 'f:own': {} } },
        {},
      ],
    },
    ...extra,
  }
}

describe('the stored text of an object', () => {
  it.each([
    ['with more than metadata', objectWith({ data: { a: '"}' }, status: {} })],
    ['with nothing but metadata', objectWith()],
    [
      'without a name',
      { ...objectWith(), metadata: { managedFields: objectWith().metadata.managedFields! } },
    ],
    ['with fields that nobody shares', { metadata: { name: 'a', managedFields: [{ fieldsV1: fields() }] } }],
    ['without managedFields', { kind: 'X', metadata: { name: 'a' }, spec: { b: [1] } }],
  ])('is JSON of it: %s', (_what, object) => {
    const text = textOfObject(object as KubeObject)
    expect(JSON.parse(text)).toEqual(object)
  })

  it('gives objects of one shape the same fields when it is read', () => {
    const [a, b] = [parseObject(textOfObject(objectWith())), parseObject(textOfObject(objectWith()))]
    expect(a).toEqual(objectWith())
    const [shared, own] = a.metadata.managedFields!
    expect(shared!.fieldsV1).toBe(b.metadata.managedFields![0]!.fieldsV1)
    expect(own!.fieldsV1).toBe(b.metadata.managedFields![1]!.fieldsV1)
    expect(Object.isFrozen(shared!.fieldsV1!['f:data'])).toBe(true)
  })
})
