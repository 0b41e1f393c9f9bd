import { describe, expect, it } from 'vitest'
import { toSwagger, type OpenApiDocument } from './v2-document.ts'

function definitionsOf(schemas: OpenApiDocument['components']['schemas']) {
  const document: OpenApiDocument = {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: {},
    components: { schemas },
  }
  return toSwagger([document]).definitions
}

describe('schemas that keep unknown fields, in Swagger 2.0', () => {
  const preserve = { 'x-kubernetes-preserve-unknown-fields': true }
  const kinds = [{ group: 'example.com', version: 'v1', kind: 'Any' }]

  it('say no more of a kind than that it is an object', () => {
    const root = {
      type: 'object',
      properties: { apiVersion: { type: 'string' } },
      ...preserve,
      'x-kubernetes-group-version-kind': kinds,
    }
    expect(definitionsOf({ Any: root })).toEqual({
      Any: { type: 'object', 'x-kubernetes-group-version-kind': kinds },
    })
  })

  it('name none of the known fields further down', () => {
    const spec = { type: 'object', properties: { known: { type: 'string' } }, ...preserve }
    expect(definitionsOf({ Some: { type: 'object', properties: { spec } } })).toEqual({
      Some: { type: 'object', properties: { spec: { type: 'object', ...preserve } } },
    })
  })
})
