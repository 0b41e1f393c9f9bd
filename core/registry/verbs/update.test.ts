import { describe, expect, it } from 'vitest'
import type { ObjectMeta } from '../../api/meta.ts'
import { TestRegistry, configMap, deployment, pod } from '../test-registry.ts'
import type { TestObject } from '../test-registry.ts'

const ref = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name })

describe('update', () => {
  it('refuses a stale resourceVersion and takes none for the newest', async () => {
    const t = new TestRegistry()
    const { object: first } = await t.configMaps.create('default', configMap('a', { v: '1' }), t.options())
    await t.configMaps.update(ref('a'), { ...first, data: { v: '2' } } as TestObject, t.options())
    const stale = t.configMaps.update(ref('a'), { ...first, data: { v: '3' } } as TestObject, t.options())
    await expect(stale).rejects.toMatchObject({
      status: {
        code: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      },
    })
    const { object } = await t.configMaps.update(ref('a'), configMap('a', { v: '4' }), t.options())
    expect(object).toMatchObject({
      data: { v: '4' },
      metadata: { uid: first.metadata.uid, resourceVersion: '3' },
    })
  })

  it('writes nothing when nothing changes', async () => {
    const t = new TestRegistry()
    const { object } = await t.configMaps.create('default', configMap('a', { v: '1' }), t.options())
    const again = await t.configMaps.update(ref('a'), configMap('a', { v: '1' }), t.options())
    expect(again.object).toBe(object)
    expect(t.registry.revision).toBe(1)
  })

  it('keeps what clients may not change', async () => {
    const t = new TestRegistry()
    const { object } = await t.configMaps.create('default', configMap('a'), t.options())
    const body = {
      metadata: { name: 'a', creationTimestamp: '2000-01-01T00:00:00Z', generation: 9 },
      data: { v: '1' },
    }
    const { object: updated } = await t.configMaps.update(ref('a'), body, t.options())
    expect(updated.metadata).toEqual({ ...object.metadata, resourceVersion: '2' })
    const foreign = { metadata: { name: 'a', uid: 'other' } }
    await expect(t.configMaps.update(ref('a'), foreign, t.options())).rejects.toMatchObject({ code: 409 })
    const renamed = { metadata: { name: 'b' } }
    await expect(t.configMaps.update(ref('a'), renamed, t.options())).rejects.toMatchObject({
      message: 'the name of the object (b) does not match the name on the URL (a)',
    })
  })

  it('must say which object it is about, before that is looked for', async () => {
    const t = new TestRegistry()
    const update = (metadata: Partial<ObjectMeta>): Promise<unknown> =>
      t.configMaps.update(ref('a'), { metadata: metadata as ObjectMeta }, t.options())
    await expect(update({})).rejects.toMatchObject({
      code: 400,
      message: 'the name of the object (a based on URL) was undeterminable: name must be provided',
    })
    await expect(update({ name: 'a', namespace: 'other' })).rejects.toMatchObject({
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    })
    await t.configMaps.create('default', configMap('a'), t.options())
    await expect(update({ name: 'a', resourceVersion: 'x' })).rejects.toMatchObject({
      code: 500,
      message: 'strconv.ParseUint: parsing "x": invalid syntax',
    })
  })

  it('lets the generation grow with the spec only, and keeps status apart', async () => {
    const t = new TestRegistry()
    await t.deployments.create('default', deployment('web'), t.options())
    const status = { ...deployment('web', { replicas: 9 }), status: { replicas: 2 } }
    const { object: afterStatus } = await t.deployments.update(
      ref('web'),
      status,
      t.options({ subresource: 'status' }),
    )
    expect(afterStatus).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 2 },
      metadata: { generation: 1 },
    })
    const spec = { ...deployment('web', { replicas: 3 }), status: { replicas: 99 } }
    const { object: afterSpec } = await t.deployments.update(ref('web'), spec, t.options())
    expect(afterSpec).toMatchObject({
      spec: { replicas: 3 },
      status: { replicas: 2 },
      metadata: { generation: 2 },
    })
    const labelled = { ...deployment('web', { replicas: 3 }), metadata: { name: 'web', labels: { a: 'b' } } }
    const { object: afterLabel } = await t.deployments.update(ref('web'), labelled, t.options())
    expect(afterLabel.metadata.generation).toBe(2)
  })

  it('creates an absent object where the kind allows it, and asks for a version where it must', async () => {
    const t = new TestRegistry()
    const lease: TestObject = { metadata: { name: 'l' }, spec: { holderIdentity: 'a' } }
    const created = await t.leases.update(ref('l'), lease, t.options())
    expect(created.created).toBe(true)
    await expect(t.leases.update(ref('l'), lease, t.options())).rejects.toMatchObject({
      message:
        'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    })
    await expect(t.configMaps.update(ref('x'), configMap('x'), t.options())).rejects.toMatchObject({
      code: 404,
    })
  })

  it('applies every one of many concurrent updates without a version', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const patches = Array.from({ length: 30 }, (_, index) =>
      t.configMaps.patch(ref('a'), { type: 'merge', patch: { data: { [`k${index}`]: 'v' } } }, t.options()),
    )
    await Promise.all(patches)
    const { object } = await t.configMaps.get('default', 'a')
    expect(Object.keys((object as TestObject).data ?? {})).toHaveLength(30)
  })

  it('reports what the kind and the metadata rules refuse', async () => {
    const t = new TestRegistry()
    await t.deployments.create('default', deployment('web'), t.options())
    const bad = { ...deployment('web', { replicas: -1 }), metadata: { name: 'web', labels: { 'a b': 'c' } } }
    await expect(t.deployments.update(ref('web'), bad, t.options())).rejects.toMatchObject({
      status: {
        reason: 'Invalid',
        details: {
          group: 'apps',
          kind: 'Deployment',
          // By the server, as what the update changes, and once more by the kind.
          causes: [
            { field: 'metadata.labels' },
            { field: 'metadata.labels' },
            { field: 'metadata.labels' },
            { field: 'spec.replicas' },
          ],
        },
      },
    })
  })

  it('answers a dry run with the result and the stored version', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const options = t.options({ context: t.context({ dryRun: true }) })
    const { object } = await t.configMaps.update(ref('a'), configMap('a', { v: '1' }), options)
    expect(object).toMatchObject({ data: { v: '1' }, metadata: { resourceVersion: '1' } })
    expect(t.registry.revision).toBe(1)
  })
})

describe('subresources', () => {
  it('reads and writes a Scale', async () => {
    const t = new TestRegistry()
    await t.deployments.create('default', deployment('web', { replicas: 2 }), t.options())
    const options = t.options({ subresource: 'scale' })
    const { object: scale } = await t.deployments.get('default', 'web', { subresource: 'scale' })
    expect(scale).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=web' },
    })
    const wanted = { ...scale, spec: { replicas: 5 } } as TestObject
    expect((await t.deployments.update(ref('web'), wanted, options)).object).toMatchObject({
      spec: { replicas: 5 },
    })
    const patched = await t.deployments.patch(
      ref('web'),
      { type: 'merge', patch: { spec: { replicas: 6 } } },
      options,
    )
    expect(patched.object).toMatchObject({ kind: 'Scale', spec: { replicas: 6 } })
    const { object } = await t.deployments.get('default', 'web')
    expect(object).toMatchObject({ spec: { replicas: 6 }, metadata: { generation: 3 } })
    await expect(t.deployments.update(ref('web'), wanted, options)).rejects.toMatchObject({ code: 409 })
  })

  it('stores what a binding makes of the pod', async () => {
    const t = new TestRegistry()
    await t.pods.create('default', pod('p'), t.options())
    const binding = { kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } }
    const { object } = await t.pods.createSubresource(
      ref('p'),
      binding,
      t.options({ subresource: 'binding' }),
    )
    expect(object).toMatchObject({ kind: 'Status', status: 'Success' })
    expect((await t.pods.get('default', 'p')).object).toMatchObject({ spec: { nodeName: 'n1' } })
  })

  it('does not serve a subresource the kind lacks', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    await expect(
      t.configMaps.update(ref('a'), configMap('a'), t.options({ subresource: 'status' })),
    ).rejects.toMatchObject({ code: 404 })
  })
})
