import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSimulatedWorld, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
beforeEach(() => {
  world = createSimulatedWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const unique = 'kubernetes.io/csi/disk.example.com^vol-1'

function storeVolume(): void {
  const { api } = world
  api.claims.set('default/data', {
    metadata: { namespace: 'default', name: 'data', uid: 'claim' },
    spec: { volumeName: 'pv' },
    status: { phase: 'Bound' },
  })
  api.persistentVolumes.set('pv', {
    metadata: { name: 'pv' },
    spec: {
      claimRef: { namespace: 'default', name: 'data', uid: 'claim' },
      csi: { driver: 'disk.example.com', volumeHandle: 'vol-1' },
    },
  })
}

describe('the storage of a node', () => {
  it('is told by a CSINode that belongs to the Node, also when the Node is another one', async () => {
    const { api, boot } = world
    const kubelet = await boot()
    const node = api.nodes.get('node-1')!
    expect(node.metadata.annotations).toEqual({
      'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
    })
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: node.metadata.uid }
    expect(api.csiNodes.get('node-1')).toEqual({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name: 'node-1', ownerReferences: [owner] },
      spec: { drivers: [{ name: 'local.wheelhouse.io', nodeID: 'node-1' }] },
    })
    await kubelet.stop({ containers: 'keep' })
    api.nodes.delete('node-1')
    await boot()
    const { uid } = api.nodes.get('node-1')!.metadata
    expect(uid).not.toBe(owner.uid)
    expect(api.csiNodes.get('node-1')?.metadata.ownerReferences).toEqual([{ ...owner, uid }])
  })

  it('has no driver for a volume that a pod describes itself, and the pod’s event says so', async () => {
    const { api, boot, eventually } = world
    await boot()
    api.createPod(testPod({ volumes: [{ name: 'inline', csi: { driver: 'inline.example.com' } }] }))
    await eventually(() => world.reasons().includes('FailedMount'))
    expect(api.events.find(({ reason }) => reason === 'FailedMount')?.message).toBe(
      'MountVolume.SetUp failed for volume "inline" : kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name inline.example.com not found in the list of registered CSI drivers',
    )
    expect(api.nodes.get('node-1')?.status?.volumesInUse).toBeUndefined()
  })

  it('has a volume in use from when a pod wants it attached until the pod is gone', async () => {
    const { api, boot, clock, eventually } = world
    storeVolume()
    await boot()
    const inUse = (): string[] | undefined => api.nodes.get('node-1')?.status?.volumesInUse
    expect(inUse()).toBeUndefined()
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
    const { uid = '' } = api.createPod(testPod({ volumes })).metadata
    await eventually(() => inUse() !== undefined)
    expect(inUse()).toEqual([unique])
    await eventually(() => world.reasons().includes('FailedMount'))
    api.requestDeletion(uid, 0, clock.now())
    await eventually(() => inUse() === undefined)
    expect(api.nodes.get('node-1')?.status).not.toHaveProperty('volumesInUse')
  })
})
