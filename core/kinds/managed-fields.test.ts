import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../api/meta.ts'
import type { AnyObject } from './testing/test-kinds.ts'
import { deployment, entryOf, useWriters, web } from './testing/use-writers.ts'

const under = useWriters()

const { admission, as, resource, pods, deployments } = under

describe('managedFields', () => {
  it('name what a creation sets, as kube-apiserver writes it', async () => {
    const { object } = await deployments().create('default', deployment, as('kubectl-create'))
    expect(object.metadata.managedFields).toEqual([
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: under.now,
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
    under.now = '2026-01-01T00:01:00Z'
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
    expect(entryOf(changed.object, 'ada')?.time).toBe(under.now)
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
    under.now = '2026-01-01T00:01:00Z'
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

  it('are those inside of a reference where its field says so, and of others the whole', async () => {
    const volumes = resource('', 'v1', 'persistentvolumes')
    const reference = { namespace: 'default', name: 'c' }
    const spec = {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      claimRef: reference,
      csi: { driver: 'd', volumeHandle: 'h', nodePublishSecretRef: reference },
    }
    const { object } = await volumes.create(
      undefined,
      { metadata: { name: 'v' }, spec } as unknown as KubeObject,
      as('ada'),
    )
    expect(entryOf(object, 'ada')!.fieldsV1!['f:spec']).toMatchObject({
      'f:claimRef': { '.': {}, 'f:name': {}, 'f:namespace': {} },
      'f:csi': { 'f:nodePublishSecretRef': {} },
    })
  })
})
