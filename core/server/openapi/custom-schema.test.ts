import { describe, expect, it } from 'vitest'
import type { KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import { publishCustomList, publishCustomSchema, type DocumentForm } from './custom-schema.ts'
import type { DocumentSchema } from './map-schema.ts'

const forms: Record<'v2' | 'v3', DocumentForm> = {
  v2: { isV2: true, refTo: (name) => ({ $ref: `#/definitions/${name}` }) },
  v3: { isV2: false, refTo: (name) => ({ $ref: `#/components/schemas/${name}` }) },
}

function kindWith(properties: Record<string, Schema>, more: Partial<Schema> = {}): KindDefinition {
  return {
    group: 'example.com',
    version: 'v1',
    kind: 'Any',
    namespaced: true,
    names: { plural: 'anies', singular: 'any', listKind: 'AnyList' },
    schema: { type: 'object', properties, ...more },
    columns: [],
  }
}

/** What is published of one field. */
function published(field: Schema, form: 'v2' | 'v3'): unknown {
  const { properties } = publishCustomSchema(kindWith({ field }), forms[form])
  return (properties as Record<string, DocumentSchema>)['field']
}

describe('schemas of custom resources', () => {
  const preserve = { 'x-kubernetes-preserve-unknown-fields': true }
  const kinds = [{ group: 'example.com', kind: 'Any', version: 'v1' }]

  it('have what every object has, and their kind', () => {
    const schema = publishCustomSchema(kindWith({ spec: { type: 'object' } }), forms.v3)
    expect(Object.keys(schema['properties'] as object)).toEqual(['spec', 'apiVersion', 'kind', 'metadata'])
    expect(schema['x-kubernetes-group-version-kind']).toEqual(kinds)
    expect(publishCustomList(kindWith({}), forms.v2)).toMatchObject({
      required: ['items'],
      properties: {
        items: { type: 'array', items: { $ref: '#/definitions/com.example.v1.Any' } },
        metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta' },
      },
      'x-kubernetes-group-version-kind': [{ group: 'example.com', kind: 'AnyList', version: 'v1' }],
    })
  })

  it('that keep unknown fields, in Swagger 2.0 say no more of a kind than that it is an object', () => {
    const open = kindWith({ spec: { type: 'object' } }, preserve)
    const root = { type: 'object', 'x-kubernetes-group-version-kind': kinds }
    expect(publishCustomSchema(open, forms.v2)).toEqual(root)
    expect(publishCustomSchema(open, forms.v3)).toMatchObject({ ...root, ...preserve })
  })

  it('have neither type nor known fields in Swagger 2.0 where unknown ones are kept', () => {
    const field: Schema = { type: 'object', properties: { known: { type: 'string' } }, ...preserve }
    expect(published(field, 'v2')).toEqual(preserve)
    expect(published(field, 'v3')).toEqual(field)
  })

  it('have neither defaults nor unions nor null in Swagger 2.0', () => {
    const field: Schema = {
      type: 'object',
      nullable: true,
      required: ['size'],
      properties: { size: { type: 'integer' } },
      anyOf: [{ required: ['size'] }],
    }
    expect(published(field, 'v3')).toEqual(field)
    expect(published(field, 'v2')).toEqual({ required: ['size'] })
    const list: Schema = { type: 'array', items: { type: 'string', default: 'x' }, default: [], maxItems: 3 }
    expect(published(list, 'v3')).toEqual(list)
    expect(published(list, 'v2')).toEqual({ type: 'array', items: { type: 'string' }, maxItems: 3 })
  })

  it('do not require in Swagger 2.0 what may be null', () => {
    const field: Schema = {
      type: 'object',
      required: ['a', 'b'],
      properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } },
    }
    expect(published(field, 'v2')).toEqual({
      type: 'object',
      required: ['b'],
      properties: { a: {}, b: { type: 'string' } },
    })
  })

  it('say that a value is a number or text, once', () => {
    const either = [{ type: 'integer' }, { type: 'string' }] as Schema[]
    const field: Schema = { 'x-kubernetes-int-or-string': true }
    expect(published(field, 'v3')).toEqual({ ...field, anyOf: either })
    expect(published({ ...field, anyOf: either }, 'v3')).toEqual({ ...field, anyOf: either })
    const other = [{ minLength: 1 }]
    expect(published({ ...field, anyOf: other }, 'v3')).toEqual({
      ...field,
      anyOf: other,
      allOf: [{ anyOf: either }],
    })
    expect(published(field, 'v2')).toEqual(field)
  })

  it('complete objects inside them, in Swagger 2.0 unless those keep unknown fields', () => {
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true } as const
    const closed: Schema = { ...embedded, properties: { spec: { type: 'object' } } }
    const whole = {
      required: ['kind', 'apiVersion'],
      properties: { kind: { type: 'string' }, apiVersion: { type: 'string' }, metadata: {} },
    }
    expect(published(closed, 'v3')).toMatchObject(whole)
    expect(published(closed, 'v2')).toMatchObject(whole)
    expect(published({ ...embedded, ...preserve }, 'v3')).toMatchObject(whole)
    expect(published({ ...embedded, ...preserve }, 'v2')).toEqual({
      'x-kubernetes-embedded-resource': true,
      ...preserve,
    })
  })

  it('leave out what says nothing', () => {
    const field = { type: 'string', description: '', nullable: false, enum: [], pattern: '' } as Schema
    expect(published(field, 'v3')).toEqual({ type: 'string' })
    expect(published({ type: 'boolean', default: false }, 'v3')).toEqual({ type: 'boolean', default: false })
  })

  it('name the fields that can be selected', () => {
    const kind = { ...kindWith({}), selectableFields: { 'spec.color': () => '' } }
    const fields = { 'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }] }
    expect(publishCustomSchema(kind, forms.v2)).toMatchObject(fields)
    expect(publishCustomList(kind, forms.v3)).toMatchObject(fields)
  })
})
