import { expect, it } from 'vitest'
import { mergeSwagger } from './merge-swagger.ts'
import type { SwaggerDocument } from './swagger-document.ts'

const info = { title: 'Kubernetes', version: '1.36' }
const meta = (description: string, type = 'string') => ({
  description,
  properties: { name: { type } },
  type: 'object',
})
const limit = { uniqueItems: true, type: 'integer', name: 'limit', in: 'query' as const }

it('takes what extension API servers name, under a name of its own where it means something else', () => {
  const own: SwaggerDocument = {
    swagger: '2.0',
    info,
    paths: {},
    definitions: { Same: meta('ours'), Other: meta('ours') },
    parameters: { 'limit-a': limit },
  }
  const document: SwaggerDocument = {
    swagger: '2.0',
    info,
    paths: {
      '/apis/ext.example.com/v1/things': {
        get: {
          operationId: 'list',
          responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Thing' } } },
        },
        parameters: [{ $ref: '#/parameters/limit-a' }, { $ref: '#/parameters/limit-b' }],
      },
    },
    definitions: {
      Thing: { properties: { same: { $ref: '#/definitions/Same' }, other: { $ref: '#/definitions/Other' } } },
      Same: meta('theirs, of another length'),
      Other: meta('theirs', 'integer'),
    },
    parameters: { 'limit-a': { ...limit, type: 'string' }, 'limit-b': limit, unused: limit },
  }
  const merged = mergeSwagger(own, [{ group: 'ext.example.com', version: 'v1', document }])
  expect(merged.definitions).toEqual({
    Same: meta('ours'),
    Other: meta('ours'),
    Other_v2: meta('theirs', 'integer'),
    Thing: {
      properties: { same: { $ref: '#/definitions/Same' }, other: { $ref: '#/definitions/Other_v2' } },
    },
  })
  expect(merged.parameters).toEqual({
    'limit-a': limit,
    'limit-a_v2': { ...limit, type: 'string' },
    'limit-b': limit,
  })
  expect(merged.paths['/apis/ext.example.com/v1/things']?.parameters).toEqual([
    { $ref: '#/parameters/limit-a_v2' },
    { $ref: '#/parameters/limit-b' },
  ])
})
