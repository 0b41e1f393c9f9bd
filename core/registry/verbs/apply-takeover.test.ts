import { describe, expect, it } from 'vitest'
import { configMap, deployment } from '../test-registry.ts'
import { Applier, owners, ref } from './testing/applier.ts'

describe('server-side apply', () => {
  it('keeps the fields of an object whose owners were reset as before-first-apply', async () => {
    const a = new Applier()
    await a.t.configMaps.create('default', configMap('a', { k: '1', l: '1' }), a.as('ada'))
    const patch = { metadata: { managedFields: [{}] } }
    const { object: reset } = await a.t.configMaps.patch(ref('a'), { type: 'merge', patch }, a.as('ada'))
    expect(reset.metadata.managedFields).toBeUndefined()
    const changed = { data: { l: '2' } }
    const { object: updated } = await a.t.configMaps.patch(
      ref('a'),
      { type: 'merge', patch: changed },
      a.as('ada'),
    )
    expect(updated.metadata.managedFields).toBeUndefined()
    await expect(a.configMap('one', { data: { k: '2' } })).rejects.toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k',
    })
    const object = await a.configMap('one', { data: { k: '1' } })
    expect(owners(object)).toEqual({
      'one/Apply': { 'f:data': { 'f:k': {} } },
      'before-first-apply/Update': { 'f:data': { '.': {}, 'f:k': {}, 'f:l': {} } },
    })
  })

  it('lets kubectl take over what its client-side apply has set', async () => {
    const a = new Applier()
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: '1' } }
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config) }
    await a.t.configMaps.create(
      'default',
      { ...config, metadata: { name: 'a', annotations } },
      a.as('kubectl-client-side-apply'),
    )
    const object = await a.configMap('kubectl', { data: { k: '2' } })
    expect(object.data).toEqual({ k: '2' })
    expect(object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']).toContain(
      '"k":"2"',
    )
  })

  it('writes what kubectl applied as it came, whatever was written before', async () => {
    const a = new Applier()
    const key = 'kubectl.kubernetes.io/last-applied-configuration'
    const text =
      '{"apiVersion":"v1","data":{"k":"\\u003cb\\u003e"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a","namespace":"default"}}\n'
    const applied = text.replace('"annotations":{},', '').replace(',"namespace":"default"', '')
    const made = { ...(JSON.parse(text) as object), metadata: { name: 'a', annotations: { [key]: text } } }
    await a.t.configMaps.create('default', made, a.as('kubectl-client-side-apply'))
    const object = await a.configMap('kubectl', { data: { k: '<b>' } })
    expect(object.metadata.annotations?.[key]).toBe(applied)
  })

  it('lets a client set and reset managedFields by an update', async () => {
    const a = new Applier()
    await a.configMap('one', { data: { k: '1' } })
    const operations = [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]
    const { object } = await a.t.configMaps.patch(ref('a'), { type: 'json', operations }, a.as('ada'))
    expect(object.metadata.managedFields).toBeUndefined()
  })

  it('keeps the number of updaters small', async () => {
    const a = new Applier()
    await a.configMap('one', { data: { k: '1' } })
    for (let i = 0; i < 14; i++) {
      await a.t.clock.advance(1_000)
      const patch = { data: { [`u${i}`]: 'v' } }
      await a.t.configMaps.patch(ref('a'), { type: 'merge', patch }, a.as(`updater-${i}`))
    }
    const { object } = await a.t.configMaps.get('default', 'a')
    const entries = object.metadata.managedFields!
    expect(entries.filter((entry) => entry.operation === 'Update')).toHaveLength(10)
    expect(owners(object)['ancient-changes/Update']).toMatchObject({ 'f:data': { 'f:u0': {}, 'f:u4': {} } })
  })

  it('works on what was created by other means', async () => {
    const a = new Applier()
    await a.t.deployments.create('default', deployment('web'), a.as('ada'))
    const { object } = await a.deployment('one', { replicas: 4 }, { force: true })
    expect(object).toMatchObject({ spec: { replicas: 4 }, metadata: { generation: 2 } })
  })
})
