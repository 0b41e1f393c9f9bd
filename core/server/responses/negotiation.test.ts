import { describe, expect, it } from 'vitest'
import { parseAccept } from './accept.ts'
import { createNegotiator } from './negotiation.ts'

const negotiate = createNegotiator()
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

describe('createNegotiator', () => {
  it.each([
    [undefined, { format: 'json' }],
    ['*/*', { format: 'json' }],
    ['application/*', { format: 'json' }],
    ['application/yaml', { format: 'yaml' }],
    ['application/json;q=0.5, application/yaml', { format: 'yaml' }],
    ['application/vnd.kubernetes.protobuf, application/json', { format: 'json' }],
    [`${table},application/json`, { format: 'json', transform: 'Table' }],
    ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', { format: 'json' }],
    [
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      { format: 'json', transform: 'PartialObjectMetadataList' },
    ],
    ['application/json;stream=watch', { format: 'json' }],
  ])('%s', (accept, wanted) => {
    expect(negotiate(accept)).toEqual(wanted)
  })

  it.each(['application/vnd.kubernetes.protobuf', 'text/html', 'application/json;q=0', 'application/cbor'])(
    'refuses %s with 406',
    (accept) => {
      expect(() => negotiate(accept)).toThrow(expect.objectContaining({ code: 406 }))
    },
  )
})

describe('parseAccept', () => {
  it('sorts by quality and keeps parameters', () => {
    const clauses = parseAccept('text/plain;q=0.2, application/json; as=Table ; g="x y"')
    expect(clauses.map(({ mediaType }) => mediaType)).toEqual(['application/json', 'text/plain'])
    expect(clauses[0]?.parameters).toEqual({ as: 'Table', g: 'x y' })
  })
})
