import { describe, expect, it } from 'vitest'
import { TestRegistry, configMap, pod } from '../test-registry.ts'
import type { TestObject } from '../test-registry.ts'

const ref = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name })

function withFinalizers(object: TestObject, ...finalizers: string[]): TestObject {
  return { ...object, metadata: { ...object.metadata, finalizers } }
}

describe('delete', () => {
  it('removes at once and gives the last state', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a', { v: '1' }), t.options())
    const result = await t.configMaps.delete(ref('a'), {}, t.options())
    expect(result).toMatchObject({ gone: true, object: { data: { v: '1' } } })
    await expect(t.configMaps.delete(ref('a'), {}, t.options())).rejects.toMatchObject({
      message: 'configmaps "a" not found',
    })
  })

  it('waits for finalizers, and finishes when the last one goes', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', withFinalizers(configMap('a'), 'example.com/hold'), t.options())
    const held = await t.configMaps.delete(ref('a'), {}, t.options())
    expect(held.gone).toBe(false)
    expect(held.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    })
    const revision = t.registry.revision
    await t.configMaps.delete(ref('a'), {}, t.options())
    expect(t.registry.revision).toBe(revision)
    await expect(
      t.configMaps.patch(
        ref('a'),
        { type: 'merge', patch: { metadata: { finalizers: ['example.com/hold', 'example.com/new'] } } },
        t.options(),
      ),
    ).rejects.toMatchObject({
      message: expect.stringContaining(
        'no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/new"}',
      ),
    })
    await t.configMaps.patch(
      ref('a'),
      { type: 'merge', patch: { metadata: { finalizers: null } } },
      t.options(),
    )
    await expect(t.configMaps.get('default', 'a')).rejects.toMatchObject({ code: 404 })
  })

  it('turns propagation policies into finalizers', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const orphan = await t.configMaps.delete(ref('a'), { propagationPolicy: 'Orphan' }, t.options())
    expect(orphan.object.metadata.finalizers).toEqual(['orphan'])
    const foreground = await t.configMaps.delete(ref('a'), { propagationPolicy: 'Foreground' }, t.options())
    expect(foreground.object.metadata.finalizers).toEqual(['foregroundDeletion'])
    const background = await t.configMaps.delete(ref('a'), { propagationPolicy: 'Background' }, t.options())
    expect(background.gone).toBe(true)
  })

  it('keeps a graceful deletion pending, and only ever shortens it', async () => {
    const t = new TestRegistry()
    await t.pods.create('default', pod('p', { nodeName: 'n1' }), t.options())
    const first = await t.pods.delete(ref('p'), {}, t.options())
    expect(first).toMatchObject({
      gone: false,
      object: {
        metadata: {
          deletionTimestamp: '2026-01-01T00:00:30Z',
          deletionGracePeriodSeconds: 30,
          generation: 2,
        },
      },
    })
    const longer = await t.pods.delete(ref('p'), { gracePeriodSeconds: 60 }, t.options())
    expect(longer.object).toBe(first.object)
    const shorter = await t.pods.delete(ref('p'), { gracePeriodSeconds: 5 }, t.options())
    expect(shorter.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:05Z',
      deletionGracePeriodSeconds: 5,
      generation: 2,
    })
    const status = { type: 'merge', patch: { status: { phase: 'Failed' } } } as const
    await t.pods.patch(ref('p'), status, t.options({ subresource: 'status' }))
    expect((await t.pods.get('default', 'p')).object.metadata.deletionGracePeriodSeconds).toBe(5)
    expect((await t.pods.delete(ref('p'), { gracePeriodSeconds: 0 }, t.options())).gone).toBe(true)
  })

  it('removes at once where the kind asks for no grace', async () => {
    const t = new TestRegistry()
    await t.pods.create('default', pod('p'), t.options())
    expect((await t.pods.delete(ref('p'), {}, t.options())).gone).toBe(true)
  })

  it('checks preconditions', async () => {
    const t = new TestRegistry()
    const { object } = await t.configMaps.create('default', configMap('a'), t.options())
    await expect(
      t.configMaps.delete(ref('a'), { preconditions: { uid: 'x' } }, t.options()),
    ).rejects.toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    })
    await expect(
      t.configMaps.delete(ref('a'), { preconditions: { resourceVersion: '9' } }, t.options()),
    ).rejects.toMatchObject({ code: 409 })
    const right = { uid: object.metadata.uid!, resourceVersion: '1' }
    expect((await t.configMaps.delete(ref('a'), { preconditions: right }, t.options())).gone).toBe(true)
  })

  it('only pretends on a dry run', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const options = t.options({ context: t.context({ dryRun: true }) })
    expect((await t.configMaps.delete(ref('a'), {}, options)).gone).toBe(true)
    await t.configMaps.get('default', 'a')
  })

  it('lets admission refuse', async () => {
    const t = new TestRegistry([
      {
        name: 'guard',
        admit: ({ operation, oldObject }) => {
          if (operation === 'DELETE' && oldObject?.metadata.name === 'safe') throw new Error('not this one')
        },
      },
    ])
    await t.configMaps.create('default', configMap('safe'), t.options())
    await expect(t.configMaps.delete(ref('safe'), {}, t.options())).rejects.toThrow('not this one')
  })

  it('deletes a selection', async () => {
    const t = new TestRegistry()
    for (const name of ['a', 'b', 'c']) {
      await t.configMaps.create(
        'default',
        configMap(name, {}, { side: name === 'c' ? 'right' : 'left' }),
        t.options(),
      )
    }
    const page = await t.configMaps.deleteCollection(
      { namespace: 'default', labelSelector: 'side=left' },
      {},
      t.options(),
    )
    expect(page.entries.map((entry) => entry.object.metadata.name)).toEqual(['a', 'b'])
    const left = await t.configMaps.list({ namespace: 'default' })
    expect(left.entries.map((entry) => entry.object.metadata.name)).toEqual(['c'])
  })
})
