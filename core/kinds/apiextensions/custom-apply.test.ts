import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { applyConfiguration } from '../../registry/apply/field-manager.ts'
import { checkConfiguration } from '../../registry/apply/check-configuration.ts'
import { createFieldsPool } from '../../registry/apply/fields-pool.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import { createNodeSource } from '../../registry/schema/build-nodes.ts'
import { createSchemaCompiler } from '../../registry/schema/kind-schema.ts'

const schema = createSchemaCompiler(createNodeSource(openApiFacts())).compile({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        text: { type: 'string' },
        full: { type: 'string', default: 'yes' },
        port: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        items: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
        },
      },
    },
  },
})
const objectOf = (spec: object, metadata: object = {}): never =>
  ({ apiVersion: 'a/v1', kind: 'A', metadata: { name: 'a', ...metadata }, spec }) as never

// What kube-apiserver 1.36.2 answered to the same configurations.
describe('a configuration of a custom resource', () => {
  it.each([
    [{ free: 'x' }, '.spec.free: expected map, got &{x}'],
    [
      { items: [{}] },
      `.spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    ],
  ])('is refused: %j', (spec, problem) => {
    expect(() => checkConfiguration(objectOf(spec), schema.node)).toThrow(
      `failed to create typed patch object (/a; a/v1, Kind=A): ${problem}`,
    )
  })

  it.each([[{ any: 'x' }], [{ port: [] }], [{ items: [{ name: null }] }]])(
    'is left to validation: %j',
    (spec) => {
      expect(() => checkConfiguration(objectOf(spec), schema.node)).not.toThrow()
    },
  )

  it('may name an owner without its uid, which validation refuses', () => {
    const owners = [{ apiVersion: 'v1', kind: 'Pod', name: 'x' }]
    expect(() => checkConfiguration(objectOf({}, { ownerReferences: owners }), schema.node)).not.toThrow()
  })

  const applied = (config: never, live?: never): KubeObject => {
    const writer = {
      manager: 'one',
      apiVersion: 'a/v1',
      subresource: undefined,
      now: '2026-01-01T00:00:00Z',
      owns: () => true,
    }
    const target = { schema, pool: createFieldsPool(), versions: new Map<string, never>(), writer }
    const result = applyConfiguration(target, { live, config, given: config, force: false })
    const { object, managedFields } = result
    return { ...object, metadata: { ...object.metadata, managedFields } }
  }

  it('keeps nulls for validation to refuse, but for those that have a default', () => {
    const object = applied(objectOf({ text: null, full: null }))
    expect(object).toMatchObject({ spec: { text: null, full: 'yes' } })
  })

  it('that is empty keeps what defaults have put there', () => {
    const first = applied(objectOf({}))
    expect(first).toMatchObject({ spec: { full: 'yes' } })
    expect(applied(objectOf({}), first as never)).toEqual(first)
  })
})
