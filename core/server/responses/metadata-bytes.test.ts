import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { metadataBytes } from './metadata-bytes.ts'

const type = { kind: 'Thing', apiVersion: 'v1' }
const read = (object: KubeObject): unknown => {
  const found = metadataBytes(object, Buffer.from(JSON.stringify(object)))
  return found && JSON.parse(Buffer.from(found).toString())
}

describe('the bytes of metadata', () => {
  it.each([
    ['alone', { name: 'a' }],
    [
      'with what looks like its end',
      { name: 'a', annotations: { a: '}"{', b: '\\"}', c: '\\', d: '"', '"}': 'ä"}' } },
    ],
    ['with lists of objects', { name: 'a', managedFields: [{ fieldsV1: { 'f:a': {} } }, {}] }],
    ['of nothing', { name: '' }],
  ])('are a part of the object: %s', (_what, metadata) => {
    expect(read({ ...type, metadata, spec: { a: '}' } } as KubeObject)).toEqual(metadata)
    expect(read({ ...type, metadata })).toEqual(metadata)
  })

  it('are not looked for where an object is written in another order', () => {
    expect(read({ metadata: { name: 'a' }, ...type })).toBeUndefined()
    expect(read({ ...type, spec: {}, metadata: { name: 'a' } } as KubeObject)).toBeUndefined()
  })
})
