import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container, PersistentVolumeClaim, Pod } from '../api/generated/core-v1.ts'
import type { ResourceSlice } from '../api/generated/resource-v1.ts'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import type { ControlPlane } from './control-plane.ts'
import { openWithAccessControl } from './testing/open-with-access-control.ts'
import { refusal } from './testing/refusal.ts'

const namespace = 'default'
const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-restricted-'))
let plane: ControlPlane
let admin: Client
let node: Client
let nodeUid: string

beforeAll(async () => {
  plane = await openWithAccessControl(directory)
  admin = plane.clientFor('admin')
  node = plane.nodeClientFor('n1')
  await admin.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
  for (const name of ['of-mirror', 'of-volume'])
    await admin.create(resources.secrets, { metadata: { name, namespace } })
  nodeUid = (await node.create(resources.nodes, { metadata: { name: 'n1' }, spec: {} })).metadata.uid!
  await admin.create(resources.pods, {
    metadata: { name: 'mine', namespace },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'a', image: 'i' }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }],
    },
  })
  const claim: PersistentVolumeClaim['spec'] = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  }
  await admin.create(resources.persistentVolumeClaims, {
    metadata: { name: 'claim', namespace },
    spec: claim,
  })
})
afterAll(async () => {
  await plane.close()
  rmSync(directory, { recursive: true })
})

describe('a mirror pod that a node creates', () => {
  function mirror(name: string, more: Partial<Container> = {}, uid = nodeUid): Pod {
    return {
      metadata: {
        name,
        namespace,
        annotations: { 'kubernetes.io/config.mirror': 'hash' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid, controller: true }],
      },
      spec: { nodeName: 'n1', containers: [{ name: 'a', image: 'i', ...more }] },
    }
  }
  const create = (pod: Pod): Promise<string> => refusal(node.create(resources.pods, pod))

  it('belongs to the node as it is now', async () => {
    expect(await create(mirror('static'))).toBe('allowed')
    expect(await create(mirror('stale', {}, 'u'))).toContain(
      `node n1 UID mismatch: expected u got ${nodeUid}`,
    )
  })

  it.each<[string, Partial<Container>]>([
    ['secrets', { env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'of-mirror', key: 'k' } } }] }],
    ['secrets', { envFrom: [{ secretRef: { name: 'of-mirror' } }] }],
    ['configmaps', { env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }],
    ['configmaps', { envFrom: [{ configMapRef: { name: 'c' } }] }],
  ])('reads no %s into its environment', async (what, container) => {
    expect(await create(mirror('reader', container))).toContain(
      `node "n1" can not create pods that reference ${what}`,
    )
  })

  it('gives its node nothing to read, whoever made it', async () => {
    const env = [{ name: 'E', valueFrom: { secretKeyRef: { name: 'of-mirror', key: 'k' } } }]
    await admin.create(resources.pods, mirror('granted', { env }))
    expect(await refusal(node.get(resources.secrets, { namespace, name: 'of-mirror' }))).toContain(
      "no relationship found between node 'n1' and this object",
    )
  })
})

describe('a node', () => {
  const mine = { namespace, name: 'mine' }

  it('changes no labels through the status of its pods', async () => {
    const body = { metadata: { labels: { a: 'b' } } }
    const patch = node.patch(resources.pods, mine, { type: 'merge', body, subresource: 'status' })
    expect(await refusal(patch)).toContain('node "n1" cannot update labels through pod status')
  })

  it('writes the capacity of its claims and nothing else of their status', async () => {
    const patch = (status: PersistentVolumeClaim['status']): Promise<string> =>
      refusal(
        node.patch(
          resources.persistentVolumeClaims,
          { namespace, name: 'claim' },
          { type: 'merge', body: { status }, subresource: 'status' },
        ),
      )
    expect(await patch({ capacity: { storage: '2Gi' } })).toBe('allowed')
    expect(await patch({ phase: 'Lost' })).toContain(
      'node "n1" is not allowed to update fields other than status.capacity and status.conditions',
    )
  })

  it('reads no secret of a volume whose claim none of its pods uses', async () => {
    await admin.create(resources.persistentVolumes, {
      metadata: { name: 'elsewhere' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { kind: 'PersistentVolumeClaim', namespace, name: 'unused' },
        csi: {
          driver: 'd.example.com',
          volumeHandle: 'h',
          nodePublishSecretRef: { namespace, name: 'of-volume' },
        },
      },
    })
    expect(await refusal(node.get(resources.secrets, { namespace, name: 'of-volume' }))).toContain(
      "no relationship found between node 'n1' and this object",
    )
  })

  it('has no lease outside the namespace of node leases', async () => {
    expect(await refusal(node.get(resources.leases, { namespace, name: 'n1' }))).toContain(
      'can only access leases in the "kube-node-lease" system namespace',
    )
  })

  it('publishes and withdraws the devices of its own only', async () => {
    const slice = (name: string, nodeName: string): ResourceSlice => ({
      metadata: { name },
      spec: {
        driver: 'gpu.example.com',
        nodeName,
        pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'gpu-0' }],
      },
    })
    await admin.create(resources.resourceSlices, slice('theirs', 'n2'))
    const why = 'ResourceSlices with the same NodeName as the requesting node'
    expect(await refusal(node.create(resources.resourceSlices, slice('false', 'n2')))).toContain(
      `can only create ${why}`,
    )
    expect(await refusal(node.create(resources.resourceSlices, slice('own', 'n1')))).toBe('allowed')
    expect(await refusal(node.delete(resources.resourceSlices, { name: 'theirs' }))).toContain(
      "no relationship found between node 'n1' and this object",
    )
    expect(await refusal(node.list(resources.resourceSlices))).toContain(
      'can only list/watch/deletecollection resourceslices with nodeName field selector',
    )
    const { items } = await node.list(resources.resourceSlices, { fieldSelector: 'spec.nodeName=n1' })
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['own'])
    expect(await refusal(node.delete(resources.resourceSlices, { name: 'own' }))).toBe('allowed')
  })

  it('reads the service account of its pods, and no other', async () => {
    await admin.create(resources.serviceAccounts, { metadata: { name: 'other', namespace } })
    const read = (name: string) => refusal(node.get(resources.serviceAccounts, { namespace, name }))
    expect(await read('default')).toBe('allowed')
    expect(await read('other')).toContain("no relationship found between node 'n1' and this object")
  })
})
