import { describe, expect, it } from 'vitest'
import type { ManagedFieldsEntry } from '../../api/meta.ts'
import type { WriteOptions, WriteResult } from '../registry.ts'
import { TestRegistry, configMap, deployment } from '../test-registry.ts'
import type { TestObject } from '../test-registry.ts'

const ref = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name })

type Config = Partial<TestObject> & {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
}

class Applier {
  readonly t = new TestRegistry()

  as(manager: string, overrides: Partial<WriteOptions> = {}): WriteOptions {
    return { context: this.t.context({ fieldManager: manager }), ...overrides }
  }

  async configMap(manager: string, config: Config, force = false): Promise<TestObject> {
    const metadata = { name: 'a', ...config.metadata }
    const patch = { apiVersion: 'v1', kind: 'ConfigMap', ...config, metadata }
    const result = await this.t.configMaps.patch(ref('a'), { type: 'apply', patch, force }, this.as(manager))
    return result.object
  }

  deployment(
    manager: string,
    spec: object,
    overrides: { force?: boolean; options?: Partial<WriteOptions> } = {},
  ): Promise<WriteResult> {
    const patch = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }
    const force = overrides.force ?? false
    return this.t.deployments.patch(
      ref('web'),
      { type: 'apply', patch, force },
      this.as(manager, overrides.options),
    )
  }
}

function owners(object: { metadata: { managedFields?: ManagedFieldsEntry[] } }): Record<string, unknown> {
  const entries = object.metadata.managedFields ?? []
  return Object.fromEntries(entries.map((entry) => [`${entry.manager}/${entry.operation}`, entry.fieldsV1]))
}

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
