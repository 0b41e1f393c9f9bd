import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject, ManagedFieldsEntry } from '../api/meta.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import type { Registry, ResourceRegistry, WriteOptions } from '../registry/registry.ts'
import type { AnyObject } from './testing/test-kinds.ts'
import { createTestRegistry, testContext } from './testing/test-registry.ts'

const web = { namespace: 'default', name: 'web' }
let now = '2026-01-01T00:00:00Z'
let registry: Registry
const admission: AdmissionPlugin[] = []
beforeEach(() => {
  now = '2026-01-01T00:00:00Z'
  admission.length = 0
  registry = createTestRegistry({ admission })
})

function as(fieldManager: string, options: Partial<WriteOptions> = {}): WriteOptions {
  return { context: testContext({ fieldManager, now }), ...options }
}

function resource(group: string, version: string, plural: string): ResourceRegistry {
  return registry.resource(group, version, plural)!
}
const pods = (): ResourceRegistry => resource('', 'v1', 'pods')
const deployments = (): ResourceRegistry => resource('apps', 'v1', 'deployments')

function entryOf(object: KubeObject, manager: string, subresource?: string): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find(
    (entry) => entry.manager === manager && entry.subresource === subresource,
  )
}

const deployment = parse(`
metadata: { name: web, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: nginx, image: nginx, ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }
`) as KubeObject

describe('managedFields', () => {
  it('name what a creation sets, as kube-apiserver writes it', async () => {
    const { object } = await deployments().create('default', deployment, as('kubectl-create'))
    expect(object.metadata.managedFields).toEqual([
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: now,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:progressDeadlineSeconds': {},
            'f:replicas': {},
            'f:revisionHistoryLimit': {},
            'f:selector': {},
            'f:strategy': {
              'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
              'f:type': {},
            },
            'f:template': {
              'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"nginx"}': {
                    '.': {},
                    'f:image': {},
                    'f:imagePullPolicy': {},
                    'f:name': {},
                    'f:ports': {
                      '.': {},
                      'k:{"containerPort":80,"protocol":"TCP"}': {
                        '.': {},
                        'f:containerPort': {},
                        'f:protocol': {},
                      },
                    },
                    'f:resources': { '.': {}, 'f:limits': { '.': {}, 'f:cpu': {} } },
                    'f:terminationMessagePath': {},
                    'f:terminationMessagePolicy': {},
                  },
                },
                'f:dnsPolicy': {},
                'f:restartPolicy': {},
                'f:schedulerName': {},
                'f:securityContext': {},
                'f:terminationGracePeriodSeconds': {},
              },
            },
          },
        },
      },
    ])
  })

  it('are shared by objects of one shape, and not by those of another', async () => {
    const create = async (name: string, spec: object): Promise<AnyObject> =>
      (
        await deployments().create(
          'default',
          { ...deployment, metadata: { name }, ...spec } as KubeObject,
          as('m'),
        )
      ).object
    const [a, b, other] = [
      await create('a', {}),
      await create('b', {}),
      await create('c', { metadata: { name: 'c', labels: { x: 'y' } } }),
    ]
    expect(a.metadata.managedFields[0].fieldsV1).toBe(b.metadata.managedFields[0].fieldsV1)
    expect(other.metadata.managedFields[0].fieldsV1).not.toEqual(a.metadata.managedFields[0].fieldsV1)
  })

  it('pass to whoever changes a field, through each subresource under its own name', async () => {
    await deployments().create('default', deployment, as('ada'))
    const scale = { type: 'merge', patch: { spec: { replicas: 3 } } } as const
    await deployments().patch(web, scale, as('kubectl-scale', { subresource: 'scale' }))
    const status = { type: 'merge', patch: { status: { replicas: 3 } } } as const
    const written = await deployments().patch(web, status, as('kcm', { subresource: 'status' }))
    expect(entryOf(written.object, 'kubectl-scale', 'scale')).toMatchObject({
      operation: 'Update',
      apiVersion: 'apps/v1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    })
    expect(entryOf(written.object, 'kcm', 'status')?.fieldsV1).toEqual({ 'f:status': { 'f:replicas': {} } })
    expect(entryOf(written.object, 'ada')?.fieldsV1!['f:spec']).not.toHaveProperty('f:replicas')
  })

  it('keep their time, and write nothing, when nothing changes', async () => {
    const { object } = await deployments().create('default', deployment, as('ada'))
    now = '2026-01-01T00:01:00Z'
    const same = await deployments().update(web, structuredClone(object), as('bob'))
    expect(same.object).toEqual(object)
    const patch = { type: 'merge', patch: { spec: { replicas: 2 } } } as const
    expect((await deployments().patch(web, patch, as('bob'))).object.metadata.resourceVersion).toBe(
      object.metadata.resourceVersion,
    )
    const changed = await deployments().patch(
      web,
      { type: 'merge', patch: { spec: { replicas: 5 } } },
      as('ada'),
    )
    expect(entryOf(changed.object, 'ada')?.time).toBe(now)
  })

  it('leave to nobody what admission adds or puts back', async () => {
    admission.push({
      name: 'AddsAnnotation',
      admit({ object }) {
        if (object) object.metadata.annotations = { checked: 'yes' }
      },
    })
    const { object } = await deployments().create('default', deployment, as('ada'))
    expect(object.metadata.annotations).toEqual({ checked: 'yes' })
    expect(entryOf(object, 'ada')?.fieldsV1!['f:metadata']).toEqual({ 'f:labels': { '.': {}, 'f:app': {} } })
    const patch = { type: 'merge', patch: { metadata: { annotations: { checked: 'no' } } } } as const
    now = '2026-01-01T00:01:00Z'
    const { object: after } = await deployments().patch(web, patch, as('eve'))
    expect(after.metadata.annotations).toEqual({ checked: 'yes' })
  })

  it('leave status to status writers on creation', async () => {
    const pod = parse(
      '{ metadata: { name: web }, spec: { containers: [{ name: c, image: nginx }] } }',
    ) as KubeObject
    const { object } = await pods().create('default', pod, as('kubectl-run'))
    expect(Object.keys(entryOf(object, 'kubectl-run')!.fieldsV1!)).toEqual(['f:spec'])
  })

  it('lose what an update removes', async () => {
    const { object } = await deployments().create('default', deployment, as('ada'))
    const next = structuredClone(object) as AnyObject
    delete next.metadata.labels
    const { object: after } = await deployments().update(web, next, as('bob'))
    expect(entryOf(after, 'ada')!.fieldsV1).not.toHaveProperty('f:metadata')
    expect(entryOf(after, 'bob')).toBeUndefined()
  })

  it('are kept per version of shared objects, each in its own names', async () => {
    const spec = {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 50,
    }
    const plural = 'horizontalpodautoscalers'
    const v1 = resource('autoscaling', 'v1', plural)
    await v1.create('default', { metadata: { name: 'web' }, spec } as unknown as KubeObject, as('old'))
    const v2 = resource('autoscaling', 'v2', plural)
    const metric = {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
    }
    const { object } = await v2.patch(
      web,
      { type: 'merge', patch: { spec: { metrics: [metric] } } },
      as('new'),
    )
    expect(entryOf(object, 'new')).toMatchObject({
      apiVersion: 'autoscaling/v2',
      fieldsV1: { 'f:spec': { 'f:metrics': {} } },
    })
    const old = entryOf(object, 'old')!
    expect(old.apiVersion).toBe('autoscaling/v1')
    expect(old.fieldsV1!['f:spec']).toHaveProperty('f:maxReplicas')
    expect(old.fieldsV1!['f:spec']).not.toHaveProperty('f:targetCPUUtilizationPercentage')
  })
})

describe('server-side apply of a scale', () => {
  const scale = (replicas: number | undefined): object => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web' },
    spec: { replicas },
  })
  const apply = (replicas: number | undefined, force = false): Promise<AnyObject> =>
    deployments()
      .patch(web, { type: 'apply', patch: scale(replicas), force }, as('hpa', { subresource: 'scale' }))
      .then(({ object }) => object)

  it('owns the replicas of the parent, and conflicts over them', async () => {
    await deployments().create('default', deployment, as('ada'))
    await expect(apply(4)).rejects.toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "ada" using apps/v1: .spec.replicas',
    })
    expect(await apply(4, true)).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } })
    const { object } = await deployments().get('default', 'web')
    expect(object).toMatchObject({ spec: { replicas: 4 }, metadata: { generation: 2 } })
    expect(entryOf(object, 'hpa', 'scale')).toMatchObject({
      operation: 'Apply',
      apiVersion: 'apps/v1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    })
  })
})

describe('a write to status', () => {
  it('may change metadata, but not what the kind keeps', async () => {
    await deployments().create('default', deployment, as('ada'))
    const patch = {
      metadata: { annotations: { patched: 'yes' }, labels: { app: 'other' } },
      status: { replicas: 1 },
    }
    const { object } = await deployments().patch(
      web,
      { type: 'merge', patch },
      as('m', { subresource: 'status' }),
    )
    expect(object.metadata).toMatchObject({ annotations: { patched: 'yes' }, labels: { app: 'web' } })
    expect(object).toMatchObject({ status: { replicas: 1 }, spec: { replicas: 2 } })
  })
})

describe('managedFields that a client sends', () => {
  const entry = (change: object = {}): ManagedFieldsEntry => ({
    manager: 'me',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2025-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:a': {} } },
    ...change,
  })
  const maps = (): ResourceRegistry => resource('', 'v1', 'configmaps')
  const map = (managedFields?: ManagedFieldsEntry[], data = { a: '1' }): KubeObject => {
    const metadata = { name: 'web', ...(managedFields && { managedFields }) }
    return { metadata, data } as KubeObject
  }

  it('are taken, but not at creation, where the writer sets everything', async () => {
    const { object } = await maps().create('default', map([entry()]), as('ada'))
    expect(object.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['ada'])
    const { object: changed } = await maps().update(web, map([entry({ manager: 'you' })]), as('ada'))
    expect(changed.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['you'])
  })

  it.each([
    ['operation', { operation: 'Guess' }],
    ['apiVersion', { apiVersion: '' }],
    ['fieldsType', { fieldsType: 'FieldsV2' }],
    ['no fieldsType', { fieldsType: undefined }],
    ['list', { fieldsV1: [] }],
    ['element', { fieldsV1: { data: {} } }],
    ['key', { fieldsV1: { 'f:data': { 'k:{"name"': {} } } }],
    ['value', { fieldsV1: { 'f:data': { 'v:x': {} } } }],
    ['text', { fieldsV1: { 'f:data': 'a' } }],
  ])('count as not sent when the %s makes no sense', async (_what, change) => {
    await maps().create('default', map([entry(change)]), as('ada'))
    const { object } = await maps().update(web, map([entry(change)], { a: '2' }), as('bob'))
    expect(object.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['ada', 'bob'])
  })

  it('are refused for names that are too long or cannot be printed', async () => {
    await maps().create('default', map(), as('ada'))
    const fields = [
      entry({ manager: 'x'.repeat(129) }),
      entry({ manager: 'a\u0007' }),
      entry({ subresource: 'x'.repeat(257) }),
    ]
    await expect(maps().update(web, map(fields), as('ada'))).rejects.toMatchObject({
      code: 422,
      status: {
        details: {
          causes: [
            {
              field: 'metadata.managedFields[0].manager',
              message: 'Too long: may not be more than 128 bytes',
            },
            { message: expect.stringContaining('invalid character U+0007 (at position 1)') },
            { field: 'metadata.managedFields[2].subresource' },
          ],
        },
      },
    })
  })
})
