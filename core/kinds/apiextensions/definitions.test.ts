import { describe, expect, it } from 'vitest'
import type { AnyObject } from '../testing/test-kinds.ts'
import { CustomCluster, definition, problemsOf, started, withSpec } from './testing/custom-cluster.ts'

describe('CustomResourceDefinition', () => {
  it('gets names, a conversion and its stored version', async () => {
    const cluster = new CustomCluster()
    const { object } = await cluster.definitions.create(undefined, definition(), cluster.options())
    expect(object).toMatchObject({
      spec: { names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } },
      status: { storedVersions: ['v1'] },
    })
  })

  it('warns of formats that nobody checks, and of rules no more', async () => {
    const cluster = new CustomCluster()
    const spec = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'self.a == "b"' }],
      properties: { a: { type: 'string', format: 'colour' }, n: { type: 'integer', format: 'int64' } },
    }
    await cluster.definitions.create(undefined, withSpec(spec), cluster.options())
    expect(cluster.warnings).toEqual(['unrecognized format "colour"'])
  })

  it('keeps a stored version through its status, which may change labels', async () => {
    const cluster = await started()
    const patch = { metadata: { labels: { a: 'b' } }, status: { storedVersions: [] } }
    const { object } = await cluster.definitions.patch(
      { namespace: undefined, name: 'widgets.example.com' },
      { type: 'merge', patch },
      cluster.options({ subresource: 'status' }),
    )
    expect(object).toMatchObject({ metadata: { labels: { a: 'b' } }, status: { storedVersions: ['v1'] } })
  })

  it('cannot change what it is about', async () => {
    const cluster = await started()
    const { object } = await cluster.definitions.get(undefined, 'widgets.example.com')
    const next = structuredClone(object) as AnyObject
    next.spec.scope = 'Cluster'
    next.spec.names.kind = 'Gadget'
    next.spec.names.plural = 'gadgets'
    const ref = { namespace: undefined, name: 'widgets.example.com' }
    expect(await problemsOf(cluster.definitions.update(ref, next, cluster.options()))).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Gadget": field is immutable',
      'spec.names.plural: Invalid value: "gadgets": field is immutable',
    ])
  })

  it('is held by its finalizer when deleted, and takes no new objects', async () => {
    const cluster = await started()
    const ref = { namespace: undefined, name: 'widgets.example.com' }
    const { gone, object } = await cluster.definitions.delete(ref, {}, cluster.options())
    expect(gone).toBe(false)
    expect(object.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    await expect(cluster.create({ text: 'abc' })).rejects.toMatchObject({
      code: 403,
      message:
        'widgets.example.com "one" is forbidden: create not allowed while custom resource definition is terminating',
    })
    const patch = { metadata: { finalizers: [] } }
    await cluster.definitions.patch(ref, { type: 'merge', patch }, cluster.options())
    expect(cluster.widgets()).toBeUndefined()
  })
})

describe('the schema of a definition', () => {
  it('is read as a schema at every depth', async () => {
    const cluster = new CustomCluster()
    const spec = {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', nullable: false, bogus: 1, properties: {} } },
        map: { type: 'object', additionalProperties: { type: 'string', description: '', other: 2 } },
        open: { type: 'object', additionalProperties: true },
      },
    }
    const { object } = await cluster.definitions.create(undefined, withSpec(spec), cluster.options())
    const { properties } = (object as AnyObject).spec.versions[0].schema.openAPIV3Schema
    expect(properties.spec.properties).toEqual({
      list: { type: 'array', items: { type: 'object' } },
      map: { type: 'object', additionalProperties: { type: 'string' } },
      open: { type: 'object', additionalProperties: true },
    })
    const at = 'spec.versions[0].schema.openAPIV3Schema.properties.spec.properties'
    expect(cluster.warnings).toEqual([
      `unknown field "${at}.list.items.bogus"`,
      `unknown field "${at}.map.additionalProperties.other"`,
    ])
    const tuple = withSpec({ type: 'array', items: [{ type: 'string' }] })
    expect(await problemsOf(cluster.definitions.create(undefined, tuple, cluster.options()))).toContainEqual(
      expect.stringContaining('items must be a schema object and not an array'),
    )
  })
})
