import { describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { DeviceTaint, DeviceToleration } from '../../api/generated/resource-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { rfc3339 } from '../../util/clock.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createDeviceTaintEvictionController } from './device-taint-eviction.ts'

const driver = 'gpu.example.com'

const under = usePlane(({ dependencies }) => [createDeviceTaintEvictionController(dependencies)], 'none')

const slice = { name: 'n1-slice' }
async function publish(): Promise<void> {
  const pool = { name: 'n1', generation: 1, resourceSliceCount: 1 }
  const devices = [{ name: 'gpu-0' }, { name: 'gpu-1' }]
  await under.plane.client.create(resources.resourceSlices, {
    metadata: slice,
    spec: { driver, nodeName: 'n1', pool, devices },
  })
}
async function taint(...taints: Partial<DeviceTaint>[]): Promise<void> {
  const timeAdded = rfc3339(under.clock.now())
  const full = taints.map((one) => ({ key: 'sick', effect: 'NoExecute', timeAdded, ...one }))
  const devices = [{ name: 'gpu-0', ...(full.length > 0 ? { taints: full } : {}) }, { name: 'gpu-1' }]
  const body = { spec: { devices } }
  await under.plane.client.patch(resources.resourceSlices, slice, { type: 'merge', body })
}

/** A pod on the node with one device that it was given. */
async function podWith(name: string, device: string, tolerations?: DeviceToleration[]): Promise<void> {
  const request = { name: 'card', exactly: { deviceClassName: 'gpu' } }
  const claim = await under.plane.client.create(resources.resourceClaims, {
    metadata: { name, namespace },
    spec: { devices: { requests: [request] } },
  })
  const pod = await under.plane.client.create(resources.pods, {
    metadata: { name, namespace },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'c', image: 'x' }],
      resourceClaims: [{ name: 'card', resourceClaimName: name }],
    },
  })
  const result = { request: 'card', driver, pool: 'n1', device, ...(tolerations ? { tolerations } : {}) }
  await under.plane.client.updateStatus(resources.resourceClaims, {
    ...claim,
    status: {
      allocation: { devices: { results: [result] } },
      reservedFor: [{ resource: 'pods', name, uid: pod.metadata.uid! }],
    },
  })
}
const getPod = (name: string): Promise<Pod> => under.plane.client.get(resources.pods, { namespace, name })
const ends = (name: string): Promise<boolean> =>
  waitFor(async () => {
    try {
      return (await getPod(name)).metadata.deletionTimestamp !== undefined
    } catch (error) {
      return isNotFound(error)
    }
  })
const messages = async (name: string): Promise<(string | undefined)[]> =>
  (await under.plane.client.list(resources.events, { namespace })).items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`)

describe('taints of devices', () => {
  it('end the pods that use them at once, others not', async () => {
    await publish()
    await podWith('user', 'gpu-0')
    await podWith('tolerant', 'gpu-0', [{ key: 'sick', operator: 'Exists' }])
    await podWith('other', 'gpu-1')
    await taint({ effect: 'NoSchedule' })
    await taint({})
    await ends('user')
    const condition = findCondition((await getPod('user')).status?.conditions, 'DisruptionTarget')
    expect(condition).toMatchObject({
      status: 'True',
      reason: 'DeletionByDeviceTaintManager',
      message: 'Device Taint manager: deleting due to NoExecute taint',
    })
    await waitFor(async () =>
      (await messages('user')).includes('DeviceTaintManagerEviction: Marking for deletion'),
    )
    for (const name of ['tolerant', 'other']) {
      expect((await getPod(name)).metadata.deletionTimestamp).toBeUndefined()
    }
  })

  it('end a pod after the time it tolerates them, unless they go before', async () => {
    await publish()
    const tolerations = [{ key: 'sick', operator: 'Exists', tolerationSeconds: 60 }]
    await podWith('patient', 'gpu-0', tolerations)
    await podWith('user', 'gpu-0')
    // What ends the other one at once tells that this one was looked at too.
    await taint({})
    await ends('user')
    await under.clock.advance(30_000)
    expect((await getPod('patient')).metadata.deletionTimestamp).toBeUndefined()
    await taint()
    await waitFor(async () =>
      (await messages('patient')).includes('DeviceTaintManagerEviction: Cancelling deletion'),
    )
    await taint({})
    await under.clock.advance(59_000)
    expect((await getPod('patient')).metadata.deletionTimestamp).toBeUndefined()
    await waitFor(async () => {
      await under.clock.advance(1_000)
      return (await getPod('patient')).metadata.deletionTimestamp !== undefined
    })
  })
})
