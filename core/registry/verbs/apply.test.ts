import { describe, expect, it } from 'vitest'
import type { WriteResult } from '../registry.ts'
import { deployment } from '../test-registry.ts'
import type { TestObject } from '../test-registry.ts'
import { Applier, owners, ref } from './testing/applier.ts'

const template = (...containers: object[]): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers },
})

const selector = { matchLabels: { app: 'web' } }

describe('server-side apply', () => {
  it('creates an absent object and notes who owns what', async () => {
    const a = new Applier()
    const patch = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', labels: { app: 'x' } },
      data: { k: 'v' },
    }
    const result = await a.t.configMaps.patch(ref('a'), { type: 'apply', patch }, a.as('helm'))
    expect(result.created).toBe(true)
    expect(result.object.metadata.managedFields).toEqual([
      {
        manager: 'helm',
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:k': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
      },
    ])
  })

  it('merges what several managers apply, and removes what one stops applying', async () => {
    const a = new Applier()
    await a.configMap('one', { data: { a: '1', both: 'x' } })
    await a.configMap('two', { data: { b: '2', both: 'x' } })
    const object = await a.configMap('one', { data: {} })
    expect(object.data).toEqual({ b: '2', both: 'x' })
    expect(owners(object)).toEqual({
      'one/Apply': { 'f:data': {} },
      'two/Apply': { 'f:data': { 'f:b': {}, 'f:both': {} } },
    })
  })

  it('refuses to change fields of another manager, naming them, unless forced', async () => {
    const a = new Applier()
    await a.configMap('one', { data: { k: '1', l: '1' } })
    await expect(a.configMap('two', { data: { k: '2' } })).rejects.toMatchObject({
      status: {
        code: 409,
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "one": .data.k',
        details: {
          causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.k' }],
        },
      },
    })
    await expect(a.configMap('two', { data: { k: '2', l: '2' } })).rejects.toMatchObject({
      message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.k\n- .data.l',
    })
    const object = await a.configMap('two', { data: { k: '2' } }, true)
    expect(object.data).toEqual({ k: '2', l: '1' })
    expect(owners(object)).toEqual({
      'one/Apply': { 'f:data': { 'f:l': {} } },
      'two/Apply': { 'f:data': { 'f:k': {} } },
    })
  })

  it('leaves to its owner what is emptied, though nothing of it is written', async () => {
    const a = new Applier()
    const made = { metadata: { name: 'a' }, data: { k: '1' } }
    await a.t.configMaps.create('default', made, a.as('one'))
    await a.configMap('two', { data: { k: '2' } }, true)
    const object = await a.configMap('two', {})
    expect(object.data).toBeUndefined()
    expect(owners(object)).toEqual({ 'one/Update': { 'f:data': {} } })
  })

  it('gives to an updater what it changes, and conflicts with it by version', async () => {
    const a = new Applier()
    await a.configMap('one', { data: { k: '1', l: '1' } })
    const update = { type: 'merge', patch: { data: { k: 'edited', m: 'new' } } } as const
    const { object } = await a.t.configMaps.patch(ref('a'), update, a.as('kubectl-edit'))
    expect(owners(object)).toEqual({
      'one/Apply': { 'f:data': { 'f:l': {} } },
      'kubectl-edit/Update': { 'f:data': { 'f:k': {}, 'f:m': {} } },
    })
    await expect(a.configMap('one', { data: { k: '1', l: '1' } })).rejects.toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.k',
    })
  })

  it('merges lists by their keys and leaves what others put there', async () => {
    const a = new Applier()
    await a.deployment('one', {
      selector,
      template: template({ name: 'main', image: 'nginx:1', ports: [{ containerPort: 80 }] }),
    })
    const { object } = await a.deployment('two', {
      template: { spec: { containers: [{ name: 'side', image: 'log:1' }] } },
    })
    const spec = (object as TestObject).spec as { template: { spec: { containers: { name: string }[] } } }
    expect(spec.template.spec.containers.map(({ name }) => name)).toEqual(['main', 'side'])
    const one = owners(object)['one/Apply'] as {
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': object } } }
    }
    expect(one['f:spec']['f:template']['f:spec']['f:containers']).toEqual({
      'k:{"name":"main"}': {
        '.': {},
        'f:image': {},
        'f:name': {},
        'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      },
    })
    const { object: after } = await a.deployment('two', {})
    expect(after).toMatchObject({ spec: { template: { spec: { containers: [{ name: 'main' }] } } } })
    expect((after as TestObject).spec).not.toMatchObject({ template: { spec: { containers: [{}, {}] } } })
  })

  it('replaces atomic fields as a whole', async () => {
    const a = new Applier()
    await a.deployment('one', {
      selector,
      template: { ...template({ name: 'main', image: 'x', command: ['a', 'b'] }) },
    })
    const conflict = a.deployment('two', {
      template: { spec: { containers: [{ name: 'main', command: ['a'] }] } },
    })
    await expect(conflict).rejects.toMatchObject({
      message:
        'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="main"].command',
    })
  })

  it('writes nothing when the same is applied again', async () => {
    const a = new Applier()
    const spec = {
      replicas: 2,
      selector,
      template: template({ name: 'main', image: 'x', resources: { limits: { cpu: '1' } } }),
    }
    const first = await a.deployment('one', spec)
    await a.t.clock.advance(5_000)
    const second = await a.deployment('one', spec)
    expect(second.object).toBe(first.object)
  })

  it('sees no conflict in another spelling of the same quantity', async () => {
    const a = new Applier()
    const container = (cpu: string): object => ({ name: 'main', image: 'x', resources: { limits: { cpu } } })
    await a.t.deployments.create(
      'default',
      deployment('web', { template: template(container('0.5')) }),
      a.as('ada'),
    )
    const { object } = await a.deployment('one', { template: template(container('0.5')) })
    expect(JSON.stringify(object)).toContain('"cpu":"500m"')
  })

  it('keeps status out of the main object and the rest out of status', async () => {
    const a = new Applier()
    await a.deployment('one', { selector, template: template({ name: 'main', image: 'x' }) })
    const patch = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { replicas: 9 },
      status: { replicas: 3 },
    }
    const { object } = await a.t.deployments.patch(
      ref('web'),
      { type: 'apply', patch },
      a.as('controller', { subresource: 'status' }),
    )
    expect(object).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3 } })
    expect(object.metadata.managedFields?.find((entry) => entry.manager === 'controller')).toMatchObject({
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:replicas': {} } },
    })
  })

  it('refuses configurations without a type, with managedFields, or for another name', async () => {
    const a = new Applier()
    const apply = (patch: unknown): Promise<WriteResult> =>
      a.t.configMaps.patch(ref('a'), { type: 'apply', patch }, a.as('one', { fieldValidation: 'Strict' }))
    const typed = { apiVersion: 'v1', kind: 'ConfigMap' }
    await expect(apply({ data: {} })).rejects.toMatchObject({ code: 400 })
    await expect(apply({ ...typed, metadata: { managedFields: [] } })).rejects.toMatchObject({
      message: 'metadata.managedFields must be nil',
    })
    await expect(apply({ ...typed, metadata: { name: 'b' } })).rejects.toMatchObject({ code: 400 })
    await expect(apply({ ...typed, dataa: {} })).rejects.toMatchObject({
      message:
        'failed to create typed patch object (/; /v1, Kind=ConfigMap): .dataa: field not declared in schema',
    })
    await expect(apply({ ...typed, metadata: { uid: 'x' } })).rejects.toMatchObject({
      code: 409,
      message:
        'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid x, and no existing object was found',
    })
  })

  it('creates nothing whose configuration does not say its name', async () => {
    const a = new Applier()
    const patch = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }
    await expect(a.t.configMaps.patch(ref('a'), { type: 'apply', patch }, a.as('one'))).rejects.toMatchObject(
      {
        code: 400,
        message: 'the name of the object (a based on URL) was undeterminable: name must be provided',
      },
    )
  })

  it('gives no time to who applies what is there already, and another to who changes a value', async () => {
    const a = new Applier()
    await a.configMap('one', { data: { k: '1' } })
    await a.t.clock.advance(5_000)
    const same = await a.configMap('two', { data: { k: '1' } })
    const times = ({ metadata }: TestObject): unknown =>
      Object.fromEntries((metadata.managedFields ?? []).map(({ manager, time }) => [manager, time]))
    const [one] = Object.values(times(same) as object) as string[]
    expect(times(same)).toEqual({ one: expect.any(String) as string, two: undefined })
    const changed = await a.configMap('two', { data: { k: '2' } }, true)
    expect(times(changed)).toEqual({ two: expect.any(String) as string })
    expect(Object.values(times(changed) as object)[0]).not.toBe(one)
  })

  it('creates whatever the resourceVersion of the configuration, which is for what exists', async () => {
    const a = new Applier()
    const patch = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', resourceVersion: '77' },
      data: {},
    }
    const apply = (): Promise<WriteResult> =>
      a.t.configMaps.patch(ref('a'), { type: 'apply', patch }, a.as('one'))
    expect(await apply()).toMatchObject({ created: true, object: { metadata: { resourceVersion: '1' } } })
    await expect(apply()).rejects.toMatchObject({ code: 409 })
  })
})
