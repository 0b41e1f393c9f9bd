import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import type { AnyObject } from '../testing/test-kinds.ts'
import { CustomCluster, definition, problemsOf, started, version } from './testing/custom-cluster.ts'

describe('custom resources', () => {
  it('are one set of objects in several versions', async () => {
    const older = version({ name: 'v1beta1', storage: false, deprecated: true })
    const newer = version()
    older.schema.openAPIV3Schema.properties.spec.properties.size = { type: 'string' }
    const cluster = await started(definition({ spec: { versions: [older, newer] } }))
    await cluster.create({ text: 'abc' }, 'one', 'v1beta1')
    const [entry] = (await cluster.store.list('/example.com/widgets/')).entries
    expect(entry?.object.apiVersion).toBe('example.com/v1')
    const seen = await cluster.widgets('v1').get('default', 'one')
    expect(seen.object).toMatchObject({ apiVersion: 'example.com/v1', spec: { text: 'abc', size: 'medium' } })
    expect(JSON.parse(new TextDecoder().decode(seen.bytes))).toEqual(seen.object)
    const old = await cluster.widgets('v1beta1').get('default', 'one')
    expect(old.object).toMatchObject({ apiVersion: 'example.com/v1beta1' })
    expect(cluster.widgets('v1beta1').definition.deprecationWarning).toBe(
      'example.com/v1beta1 Widget is deprecated',
    )
  })

  it('lose what their storage version does not know, and have its defaults', async () => {
    const schemaOf = (properties: AnyObject): AnyObject => ({
      openAPIV3Schema: { type: 'object', properties },
    })
    const a = { type: 'string', default: 'stored' }
    const b = { type: 'string', default: 'served' }
    const cluster = await started(
      definition({
        spec: {
          versions: [
            version({ schema: schemaOf({ a, both: { type: 'string' } }) }),
            version({
              name: 'v2',
              storage: false,
              schema: schemaOf({ a: { type: 'string' }, b, both: { type: 'string' } }),
            }),
          ],
        },
      }),
    )
    const v2 = cluster.widgets('v2')
    const given = {
      apiVersion: 'example.com/v2',
      kind: 'Widget',
      metadata: { name: 'one' },
      b: 'x',
      both: 'y',
    }
    const { object } = await v2.create('default', given as KubeObject, cluster.options())
    expect(object).toMatchObject({ apiVersion: 'example.com/v2', a: 'stored', both: 'y' })
    expect(object).not.toHaveProperty('b')
    const [entry] = (await cluster.store.list('/example.com/widgets/')).entries
    expect(entry?.object).toMatchObject({ apiVersion: 'example.com/v1', both: 'y' })
    expect(entry?.object).not.toHaveProperty('b')
  })

  it('move to another storage version by an update that changes nothing', async () => {
    const cluster = await started(
      definition({ spec: { versions: [version(), version({ name: 'v2', storage: false })] } }),
    )
    await cluster.create({ text: 'abc' })
    const ref = { namespace: undefined, name: 'widgets.example.com' }
    const operations = [
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ]
    const { object } = await cluster.definitions.patch(ref, { type: 'json', operations }, cluster.options())
    expect((object as AnyObject).status.storedVersions).toEqual(['v1', 'v2'])
    const stored = async (): Promise<string | undefined> =>
      (await cluster.store.list('/example.com/widgets/')).entries[0]?.object.apiVersion
    expect(await stored()).toBe('example.com/v1')
    const { object: widget } = await cluster.widgets().get('default', 'one')
    await cluster.widgets().update({ namespace: 'default', name: 'one' }, widget, cluster.options())
    expect(await stored()).toBe('example.com/v2')
    const withoutOld = [{ op: 'remove', path: '/spec/versions/0' }]
    expect(
      await problemsOf(
        cluster.definitions.patch(ref, { type: 'json', operations: withoutOld }, cluster.options()),
      ),
    ).toEqual([
      expect.stringContaining('status.storedVersions[0]: Invalid value: "v1": missing from spec.versions'),
    ])
  })

  it('are watched until their definition changes or goes', async () => {
    const cluster = await started()
    const events: string[] = []
    const ended = Promise.withResolvers<Error | undefined>()
    await cluster.widgets().watch(
      {},
      {
        onEvents: (seen) => events.push(...seen.map(({ type, object }) => `${type} ${object.metadata.name}`)),
        onEnd: (error) => ended.resolve(error),
      },
    )
    await cluster.create({ text: 'abc' })
    const patch = { spec: { names: { shortNames: ['x'] } } }
    await cluster.definitions.patch(
      { namespace: undefined, name: 'widgets.example.com' },
      { type: 'merge', patch },
      cluster.options(),
    )
    expect(await ended.promise).toBeUndefined()
    expect(events).toEqual(['ADDED one'])
  })

  it('are served again after a restart, and only once they are established', async () => {
    const first = new CustomCluster()
    const following = await first.follow()
    await first.definitions.create(undefined, definition(), first.options())
    expect(first.widgets()).toBeUndefined()
    const { object } = await first.definitions.get(undefined, 'widgets.example.com')
    await first.establish(object)
    await first.create({ text: 'abc' })
    following[Symbol.dispose]()
    const second = new CustomCluster(first.store)
    await second.follow()
    expect((await second.widgets().list({})).entries).toHaveLength(1)
    expect(second.registry.kinds().map(({ kind }) => kind)).toContain('Widget')
  })
})
