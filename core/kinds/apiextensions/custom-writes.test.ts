import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { AnyObject } from '../testing/test-kinds.ts'
import { definition, problemsOf, started, version, widgetSpec } from './testing/custom-cluster.ts'

describe('custom resources', () => {
  it('may keep what was wrong before, but not make more of it wrong', async () => {
    const cluster = await started()
    await cluster.create({ text: 'abcd', count: 2 })
    const narrower = parse(widgetSpec) as AnyObject
    narrower.properties.text.maxLength = 3
    const { object } = await cluster.definitions.get(undefined, 'widgets.example.com')
    const next = structuredClone(object) as AnyObject
    next.spec.versions[0].schema.openAPIV3Schema.properties.spec = narrower
    await cluster.definitions.update(
      { namespace: undefined, name: 'widgets.example.com' },
      next,
      cluster.options(),
    )
    const patch = (spec: AnyObject): Promise<unknown> =>
      cluster
        .widgets()
        .patch({ namespace: 'default', name: 'one' }, { type: 'merge', patch: { spec } }, cluster.options())
    await patch({ count: 4 })
    expect(await problemsOf(patch({ text: 'efgh' }))).toEqual([
      'spec.text: Too long: may not be more than 3 bytes',
    ])
  })

  it('must say what they are, in bodies and after patches', async () => {
    const cluster = await started()
    await cluster.create({ text: 'ab' })
    const ref = { namespace: 'default', name: 'one' }
    const metadata = { name: 'two' }
    const create = (body: AnyObject): Promise<unknown> =>
      cluster.widgets().create('default', body, cluster.options())
    const merge = (patch: AnyObject): Promise<unknown> =>
      cluster.widgets().patch(ref, { type: 'merge', patch }, cluster.options())
    await expect(create({ metadata })).rejects.toMatchObject({
      code: 400,
      message: `the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{"metadata":{"name":"two"}}' ({"metadata":{"name":"two"}})`,
    })
    await expect(create({ kind: 'Widget', metadata })).rejects.toMatchObject({
      code: 400,
      message: 'the API version in the data () does not match the expected API version (example.com/v1)',
    })
    await expect(create({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata })).rejects.toMatchObject({
      code: 422,
      message: 'Gadget.example.com "two" is invalid: kind: Invalid value: "Gadget": must be Widget',
    })
    await expect(merge({ kind: 'Gadget' })).rejects.toMatchObject({
      code: 422,
      message: 'Gadget.example.com "one" is invalid: kind: Invalid value: "Gadget": must be Widget',
    })
    expect(await problemsOf(merge({ apiVersion: 'example.com/v2' }))).toEqual([
      'apiVersion: Invalid value: "example.com/v2": must be example.com/v1',
    ])
    await expect(merge({ apiVersion: 'v2' })).rejects.toMatchObject({
      message: 'Widget "one" is invalid: apiVersion: Invalid value: "v2": must be example.com/v1',
    })
  })

  it('are only updated with a version, through status too, and keep their uid', async () => {
    const cluster = await started(
      definition({ spec: { versions: [version({ subresources: { status: {} } })] } }),
    )
    const widget = await cluster.create({ text: 'ab' })
    const ref = { namespace: 'default', name: 'one' }
    const { resourceVersion: _left, ...metadata } = widget.metadata
    const refusal = {
      code: 422,
      message:
        'widgets.example.com "one" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    }
    for (const subresource of [undefined, 'status']) {
      const options = cluster.options(subresource === undefined ? {} : { subresource })
      for (const meta of [metadata, { ...metadata, resourceVersion: '0' }]) {
        const body = { ...widget, metadata: meta }
        await expect(cluster.widgets().update(ref, body, options)).rejects.toMatchObject(refusal)
      }
      await cluster.widgets().update(ref, widget, options)
      const nothing = { metadata: { resourceVersion: null } }
      await expect(
        cluster.widgets().patch(ref, { type: 'merge', patch: nothing }, options),
      ).rejects.toMatchObject(refusal)
    }
    const patch = { metadata: { uid: 'q' } }
    const immutable = 'metadata.uid: Invalid value: "q": field is immutable'
    expect(
      await problemsOf(cluster.widgets().patch(ref, { type: 'merge', patch }, cluster.options())),
    ).toEqual([immutable, immutable])
  })

  it('refuse strategic merge patches and take the others', async () => {
    const cluster = await started()
    await cluster.create({ parts: [{ name: 'a' }] })
    const ref = { namespace: 'default', name: 'one' }
    const patch = { spec: { size: 'big' } }
    await expect(
      cluster.widgets().patch(ref, { type: 'strategic', patch }, cluster.options()),
    ).rejects.toMatchObject({ code: 415 })
    await cluster.widgets().patch(ref, { type: 'merge', patch }, cluster.options())
    const config = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      spec: { parts: [{ name: 'b' }], free: { x: { y: 1 } } },
    }
    const { object } = await cluster.widgets().patch(ref, { type: 'apply', patch: config }, cluster.options())
    expect((object as AnyObject).spec).toMatchObject({ size: 'big', parts: [{ name: 'a' }, { name: 'b' }] })
    const entry = object.metadata.managedFields!.find(({ operation }) => operation === 'Apply') as AnyObject
    expect(entry.fieldsV1['f:spec']).toEqual({
      'f:free': { 'f:x': { '.': {}, 'f:y': {} } },
      'f:parts': { 'k:{"name":"b"}': { '.': {}, 'f:name': {} } },
    })
  })

  it('belong to their writers with the nulls that they may have', async () => {
    const cluster = await started()
    const { metadata } = await cluster.create({ maybe: null, free: { a: { b: null } } })
    const [{ fieldsV1 }] = metadata.managedFields
    expect(fieldsV1['f:spec']).toMatchObject({
      'f:maybe': {},
      'f:free': { '.': {}, 'f:a': { '.': {}, 'f:b': {} } },
    })
  })

  it('keep their metadata when an apply lets go of the last label', async () => {
    const cluster = await started()
    const apply = async (metadata: AnyObject): Promise<AnyObject> => {
      const patch = { apiVersion: 'example.com/v1', kind: 'Widget', metadata, spec: { count: 2 } }
      const ref = { namespace: 'default', name: 'one' }
      return (await cluster.widgets().patch(ref, { type: 'apply', patch, force: false }, cluster.options()))
        .object
    }
    const before = await apply({ name: 'one', labels: { a: 'b' } })
    const { metadata } = await apply({ name: 'one' })
    expect(metadata).toMatchObject({
      name: 'one',
      uid: before.metadata.uid,
      creationTimestamp: before.metadata.creationTimestamp,
    })
    expect(metadata.labels).toBeUndefined()
  })

  it('warn of new finalizers that belong to no domain', async () => {
    const cluster = await started()
    const { metadata } = await cluster.create({})
    const patch = (finalizers: string[]): Promise<unknown> =>
      cluster
        .widgets()
        .patch(
          { namespace: 'default', name: metadata.name },
          { type: 'merge', patch: { metadata: { finalizers } } },
          cluster.options(),
        )
    await patch(['orphan', 'a/b', 'x', 'a.b'])
    await patch(['orphan', 'a/b', 'x', 'a.b'])
    const why = 'to avoid accidental conflicts with other finalizer writers'
    expect(cluster.warnings).toEqual([
      `metadata.finalizers: "a.b": prefer a domain-qualified finalizer name including a path (/) ${why}`,
      `metadata.finalizers: "x": prefer a domain-qualified finalizer name ${why}`,
    ])
  })

  it('count generations by everything but metadata and status', async () => {
    const cluster = await started(
      definition({ spec: { versions: [version({ subresources: { status: {} } })] } }),
    )
    const object = await cluster.create({ text: 'abc' })
    expect(object.metadata.generation).toBe(1)
    const ref = { namespace: 'default', name: 'one' }
    const patch = async (body: AnyObject, subresource?: string): Promise<AnyObject> => {
      const options = cluster.options(subresource === undefined ? {} : { subresource })
      return (await cluster.widgets().patch(ref, { type: 'merge', patch: body }, options)).object
    }
    expect(
      (await patch({ metadata: { labels: { a: 'b' } }, status: { replicas: 1 } })).metadata.generation,
    ).toBe(1)
    const withStatus = await patch({ status: { replicas: 1 }, spec: { text: 'no' } }, 'status')
    expect(withStatus).toMatchObject({
      spec: { text: 'abc' },
      status: { replicas: 1 },
      metadata: { generation: 1 },
    })
    expect((await patch({ spec: { text: 'abcd' } })).metadata.generation).toBe(2)
  })
})
