import { describe, expect, it } from 'vitest'
import type { KindDefinition } from '../../registry/kind.ts'
import { createProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import { parseAccept } from './accept.ts'
import { createErrorNegotiator, createKindNegotiator } from './negotiation.ts'
import { builtInKinds } from '../../kinds/index.ts'

const encoder = createProtobufEncoder(openApiFacts())
const negotiate = createKindNegotiator(encoder)
const kindOf = (name: string): KindDefinition => builtInKinds.find(({ kind }) => kind === name)!
const pods = kindOf('Pod')
const custom = { ...pods, schema: {} }
const reviews = kindOf('SubjectAccessReview')

const json = { format: 'json' }
const yaml = { format: 'yaml' }
const protobuf = { format: 'protobuf', encoder }
const protobufType = 'application/vnd.kubernetes.protobuf'
const as = (type: string, shape: string, version = 'v1'): string =>
  `${type};as=${shape};v=${version};g=meta.k8s.io`
const jsonTable = as('application/json', 'Table')
const metadata = 'PartialObjectMetadata'

describe('createKindNegotiator', () => {
  it.each([
    [undefined, json],
    ['*/*', json],
    ['application/*', json],
    ['application/yaml', yaml],
    ['application/json;q=0.5, application/yaml', yaml],
    ['*/*, application/yaml', yaml],
    [`${protobufType}, application/json`, protobuf],
    [`application/json, ${protobufType}`, json],
    [`application/json;q=0.8, ${protobufType};q=0.9`, protobuf],
    [`${protobufType};stream=watch, application/json`, protobuf],
    [`${protobufType};stream=other, application/json`, json],
    ['application/yaml;stream=watch, application/json', json],
    [`${jsonTable},application/json`, { ...json, transform: 'Table' }],
    [`${as(protobufType, 'Table')},${jsonTable},application/json`, { ...json, transform: 'Table' }],
    [`${as('application/json', 'Table', 'v2')},application/json`, json],
    [`application/yaml;g=meta.k8s.io,application/json`, json],
    [as('application/json', `${metadata}List`), { ...json, transform: `${metadata}List` }],
    [as(protobufType, metadata), { ...protobuf, transform: metadata }],
    ['application/json;stream=watch', json],
  ])('%s', (accept, wanted) => {
    expect(negotiate(accept, { definition: pods })).toEqual(wanted)
  })

  it.each(['text/html', 'application/json;q=0', 'application/cbor', as(protobufType, 'Table')])(
    'refuses %s with 406',
    (accept) => {
      const message = `only the following media types are accepted: application/json, application/yaml, ${protobufType}`
      expect(() => negotiate(accept, { definition: pods })).toThrow(
        expect.objectContaining({ code: 406, message }),
      )
    },
  )

  it('gives custom resources in protobuf by their metadata alone', () => {
    expect(negotiate(`${protobufType}, application/json`, { definition: custom })).toEqual(json)
    expect(negotiate(as(protobufType, metadata), { definition: custom })).toEqual({
      ...protobuf,
      transform: metadata,
    })
    expect(() => negotiate(protobufType, { definition: custom })).toThrow(
      expect.objectContaining({ code: 406 }),
    )
  })

  it('gives reviews, which are never listed, as no Table', () => {
    expect(negotiate(protobufType, { definition: reviews })).toEqual(protobuf)
    expect(() => negotiate(jsonTable, { definition: reviews })).toThrow(
      expect.objectContaining({ code: 406 }),
    )
  })
})

describe('createErrorNegotiator', () => {
  it.each([
    [protobufType, protobuf],
    [`${as(protobufType, metadata)}, application/yaml`, yaml],
    ['text/html', json],
    [jsonTable, json],
  ])('%s', (accept, wanted) => {
    expect(createErrorNegotiator(encoder)(accept)).toEqual(wanted)
  })
})

describe('parseAccept', () => {
  it('sorts by quality and keeps parameters', () => {
    const clauses = parseAccept('text/plain;q=0.2, application/json; as=Table ; g="x y"')
    expect(clauses.map(({ mediaType }) => mediaType)).toEqual(['application/json', 'text/plain'])
    expect(clauses[0]?.parameters).toEqual({ as: 'Table', g: 'x y' })
  })
})
