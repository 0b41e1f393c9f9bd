import { describe, expect, it } from 'vitest'
import type { Resource } from '../../core/api/gvk.ts'
import { sampleOf, type OpenApiSchemas } from './schema-sample.ts'

const oven = {
  group: 'example.com',
  version: 'v1',
  resource: 'ovens',
  kind: 'Oven',
  namespaced: true,
} as Resource
const schemas: OpenApiSchemas = {
  'com.example.v1.Bread': { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  'com.example.v1.Oven': {
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Oven' }],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      status: { type: 'object', required: ['phase'], properties: { phase: { type: 'string' } } },
      spec: {
        type: 'object',
        required: ['degrees', 'fuel', 'breads', 'bread', 'notes'],
        properties: {
          degrees: { type: 'integer', minimum: 50 },
          fuel: { type: 'string', enum: ['wood', 'gas'] },
          trays: { type: 'integer', default: 2 },
          vents: { type: 'integer' },
          notes: { type: 'array', items: { type: 'string' } },
          breads: {
            type: 'array',
            minItems: 1,
            items: { $ref: '#/components/schemas/com.example.v1.Bread' },
          },
          bread: { allOf: [{ $ref: '#/components/schemas/com.example.v1.Bread' }] },
        },
      },
    },
  },
}

describe('a first draft of an object, from the schema of its kind', () => {
  it('has what must be there and what has a default', () => {
    expect(sampleOf(oven, schemas, 'shop')).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Oven',
      metadata: { name: 'oven', namespace: 'shop' },
      spec: {
        degrees: 50,
        fuel: 'wood',
        trays: 2,
        notes: [],
        breads: [{ name: '' }],
        bread: { name: '' },
      },
    })
  })

  it('is a name alone where the schema is not known', () => {
    expect(sampleOf({ ...oven, namespaced: false }, {}, 'shop')).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Oven',
      metadata: { name: 'oven' },
    })
  })
})
