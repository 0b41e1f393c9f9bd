import { describe, expect, it } from 'vitest'
import type { StatefulSet } from '../../api/generated/apps-v1.ts'
import { resources } from '../../api/resources.ts'
import { pageNotFound } from '../../api/status.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createStatefulSetController } from './statefulset.ts'

function statefulSet(spec: Partial<StatefulSet['spec']>): StatefulSet {
  return {
    metadata: { name: 'db', namespace },
    spec: {
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { name: '', labels: { app: 'db' } },
        spec: { containers: [{ name: 'db', image: 'redis' }] },
      },
      ...spec,
    },
  }
}

describe('claims of stateful sets', () => {
  const under = usePlane(({ dependencies }) => [createStatefulSetController(dependencies)])
  const { pods } = under

  const names = async (): Promise<string[]> => (await pods()).map((pod) => pod.metadata.name).sort()
  const get = (): Promise<StatefulSet> =>
    under.plane.client.get(resources.statefulSets, { namespace, name: 'db' })
  const patch = (body: unknown): Promise<StatefulSet> =>
    under.plane.client.patch(resources.statefulSets, { namespace, name: 'db' }, { type: 'merge', body })
  const settled = (): Promise<boolean> =>
    waitFor(async () => {
      const { status, spec, metadata } = await get()
      const isSeen = status?.observedGeneration === metadata.generation
      return isSeen && status?.readyReplicas === spec.replicas && status?.replicas === spec.replicas
    })

  it('gives each pod its claim, and the claim the owners that the retention policy says', async () => {
    const claims = async (): Promise<[string, (string | undefined)[]][]> =>
      (await under.plane.client.list(resources.persistentVolumeClaims, { namespace })).items.map(
        ({ metadata }) => [metadata.name, (metadata.ownerReferences ?? []).map(({ kind }) => kind)],
      )
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet({
        replicas: 2,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data', labels: { kind: 'disk' } },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      }),
    )
    await settled()
    expect(await claims()).toEqual([
      ['data-db-0', ['StatefulSet']],
      ['data-db-1', ['StatefulSet']],
    ])
    const ref = { namespace, name: 'data-db-1' }
    const claim = await under.plane.client.get(resources.persistentVolumeClaims, ref)
    expect(claim.metadata.labels).toEqual({ kind: 'disk', app: 'db' })
    const second = (await pods()).find((pod) => pod.metadata.name === 'db-1')
    expect(second?.spec.volumes?.[0]).toEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-db-1' },
    })
    await patch({ spec: { replicas: 1 } })
    await settled()
    expect(await claims()).toEqual([
      ['data-db-0', ['StatefulSet']],
      ['data-db-1', ['Pod']],
    ])
    // The next pod of the name waits until the claim has gone with the old one.
    await patch({ spec: { replicas: 2 } })
    await waitFor(async () => (await get()).status?.observedGeneration === 3)
    expect(await names()).toEqual(['db-0'])
    await under.plane.client.patch(resources.persistentVolumeClaims, ref, {
      type: 'merge',
      body: { metadata: { finalizers: null } },
    })
    await under.plane.client.delete(resources.persistentVolumeClaims, ref)
    await waitFor(async () => {
      await under.clock.advance(1000)
      return (await names()).length === 2
    })
    await settled()
    await patch({ spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain' } } })
    await waitFor(async () => (await claims()).every(([, owners]) => owners.length === 0))
  })

  it('leaves a claim to another controller, and scales on', async () => {
    const template = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet({
        replicas: 2,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
        volumeClaimTemplates: [template],
      }),
    )
    await settled()
    const ref = { namespace, name: 'data-db-1' }
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: 'other', controller: true }
    await under.plane.client.patch(resources.persistentVolumeClaims, ref, {
      type: 'merge',
      body: { metadata: { ownerReferences: [other] } },
    })
    await patch({ spec: { replicas: 0, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } } })
    await waitFor(async () => (await names()).length === 0)
    const claim = await under.plane.client.get(resources.persistentVolumeClaims, ref)
    expect(claim.metadata.ownerReferences).toEqual([other])
    await under.plane.flushEvents()
    const { items } = await under.plane.client.list(resources.events, { namespace })
    expect(items.find(({ reason }) => reason === 'ConflictingController')).toMatchObject({
      type: 'Warning',
      involvedObject: { kind: 'StatefulSet', name: 'db' },
    })
  })

  it('says why a claim cannot be made', async () => {
    const { transport } = under.plane
    const call = transport.call.bind(transport)
    transport.call = (request) =>
      request.resource.resource === 'persistentvolumeclaims' ? Promise.reject(pageNotFound()) : call(request)
    await under.plane.client.create(
      resources.statefulSets,
      statefulSet({
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      }),
    )
    const message =
      'create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: this cluster does not serve PersistentVolumeClaims, which volumeClaimTemplates need'
    const event = await waitFor(async () => {
      await under.plane.flushEvents()
      const { items } = await under.plane.client.list(resources.events, { namespace })
      return items.find(({ reason }) => reason === 'FailedCreate')
    })
    expect(event).toMatchObject({ type: 'Warning', message })
    // Unlike a ReplicaSet, it has no condition that tells.
    const { status } = await get()
    expect(status?.conditions ?? []).toEqual([])
  })
})
