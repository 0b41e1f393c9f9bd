import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod, PodResourceClaim } from '../../api/generated/core-v1.ts'
import type { AllocationResult, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createPodClaimsController } from './pod-claims.ts'
import { createClaimReservationsController } from './reservations.ts'

let plane: TestControlPlane
let controllers: Controller[]
beforeEach(async () => {
  plane = createTestControlPlane()
  const { client, dependencies } = plane
  controllers = [createPodClaimsController(dependencies), createClaimReservationsController(dependencies)]
  await Promise.all(controllers.map((controller) => controller.start()))
  await client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
})
afterEach(async () => {
  for (const controller of controllers) await controller.stop()
  await plane.close()
})

const namespace = 'default'
const spec = { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] } }

async function createTemplate(name = 'gpu'): Promise<void> {
  await plane.client.create(resources.resourceClaimTemplates, {
    metadata: { namespace, name },
    spec: { metadata: { labels: { from: name } } as never, spec },
  })
}

function createPod(name: string, resourceClaims: PodResourceClaim[], nodeName?: string): Promise<Pod> {
  return plane.client.create(resources.pods, {
    metadata: { namespace, name },
    spec: { containers: [{ name: 'c', image: 'nginx' }], resourceClaims, ...(nodeName ? { nodeName } : {}) },
  })
}

const fromTemplate: PodResourceClaim = { name: 'card', resourceClaimTemplateName: 'gpu' }

async function claims(): Promise<ResourceClaim[]> {
  return (await plane.client.list(resources.resourceClaims)).items
}

const allocation: AllocationResult = {
  devices: { results: [{ request: 'gpu', driver: 'gpu.example.com', pool: 'n1', device: 'gpu-0' }] },
}

/** What a scheduler does that has found devices. */
async function reserve(claim: ResourceClaim, ...pods: Pod[]): Promise<void> {
  const finalizers = ['resource.kubernetes.io/delete-protection']
  const kept = await plane.client.update(resources.resourceClaims, {
    ...claim,
    metadata: { ...claim.metadata, finalizers },
  })
  const reservedFor = pods.map(({ metadata: { name, uid = '' } }) => ({ resource: 'pods', name, uid }))
  await plane.client.updateStatus(resources.resourceClaims, { ...kept, status: { allocation, reservedFor } })
}

async function end(pod: Pod): Promise<void> {
  await plane.client.patch(
    resources.pods,
    { namespace, name: pod.metadata.name },
    { type: 'merge', body: { status: { phase: 'Succeeded' } }, subresource: 'status' },
  )
}

describe('claims from templates', () => {
  it('are made once for each entry, belong to the pod, and are named in its status', async () => {
    await createTemplate()
    const pod = await createPod('web', [fromTemplate, { name: 'shared', resourceClaimName: 'mine' }])
    const statuses = await waitFor(async () => {
      const { status } = await plane.client.get(resources.pods, { namespace, name: 'web' })
      return status?.resourceClaimStatuses
    })
    const [claim, ...more] = await claims()
    expect(more).toEqual([])
    expect(statuses).toEqual([{ name: 'card', resourceClaimName: claim!.metadata.name }])
    expect(claim!.metadata).toMatchObject({
      name: expect.stringMatching(/^web-card-[a-z0-9]{5}$/) as string,
      generateName: 'web-card-',
      labels: { from: 'gpu' },
      annotations: { 'resource.kubernetes.io/pod-claim-name': 'card' },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: pod.metadata.uid, controller: true },
      ],
    })
    expect(claim!.spec.devices?.requests).toMatchObject(spec.devices.requests)
  })

  it('wait for a template that is not there, which an event says', async () => {
    await createPod('web', [fromTemplate])
    const message =
      'PodResourceClaim card: resource claim template "gpu": resourceclaimtemplate "gpu" not found'
    await waitFor(async () => {
      await plane.flushEvents()
      const { items } = await plane.client.list(resources.events)
      return items.some(
        (event) => event.reason === 'FailedResourceClaimCreation' && event.message === message,
      )
    })
    expect(await claims()).toEqual([])
    await createTemplate()
    await waitFor(async () => (await claims()).length === 1)
  })

  it('are made anew when somebody deletes them', async () => {
    await createTemplate()
    await createPod('web', [fromTemplate])
    const told = async (): Promise<string | undefined> => {
      const { status } = await plane.client.get(resources.pods, { namespace, name: 'web' })
      return status?.resourceClaimStatuses?.[0]?.resourceClaimName
    }
    const first = await waitFor(told)
    await plane.client.delete(resources.resourceClaims, { namespace, name: first })
    await waitFor(async () => ![undefined, first].includes(await told()))
    expect((await claims()).map(({ metadata }) => metadata.name)).toEqual([await told()])
  })

  it('go when their pod has ended', async () => {
    await createTemplate()
    const pod = await createPod('web', [fromTemplate], 'n1')
    const claim = await waitFor(async () => (await claims())[0])
    await waitFor(async () => {
      const { status } = await plane.client.get(resources.pods, { namespace, name: 'web' })
      return status?.resourceClaimStatuses
    })
    await reserve(claim, pod)
    await end(pod)
    await waitFor(async () => (await claims()).length === 0)
  })
})

describe('reservations', () => {
  it('of pods that ended or are gone are taken back, and with the last one the allocation', async () => {
    const made = await plane.client.create(resources.resourceClaims, {
      metadata: { namespace, name: 'mine' },
      spec,
    })
    const entry = [{ name: 'card', resourceClaimName: 'mine' }]
    const [one, two] = [await createPod('one', entry, 'n1'), await createPod('two', entry, 'n1')]
    const gone: Pod = { ...one, metadata: { ...one.metadata, name: 'gone', uid: 'another' } }
    await reserve(made, one, two, gone)
    const names = async (): Promise<string[] | undefined> => {
      const { status } = await plane.client.get(resources.resourceClaims, { namespace, name: 'mine' })
      return status?.reservedFor?.map(({ name }) => name)
    }
    await waitFor(async () => (await names())?.length === 2)
    expect(await names()).toEqual(['one', 'two'])
    await end(one)
    await waitFor(async () => (await names())?.join() === 'two')
    await plane.client.delete(resources.pods, { namespace, name: 'two' }, { gracePeriodSeconds: 0 })
    await waitFor(async () => (await names()) === undefined)
    const free = await waitFor(async () => {
      const claim = await plane.client.get(resources.resourceClaims, { namespace, name: 'mine' })
      return claim.metadata.finalizers?.length ? undefined : claim
    })
    expect(free.status?.allocation).toBeUndefined()
  })

  it('let a deleted claim go once nobody has it', async () => {
    const made = await plane.client.create(resources.resourceClaims, {
      metadata: { namespace, name: 'mine' },
      spec,
    })
    const pod = await createPod('web', [{ name: 'card', resourceClaimName: 'mine' }], 'n1')
    await reserve(made, pod)
    await plane.client.delete(resources.resourceClaims, { namespace, name: 'mine' })
    expect(await claims()).toHaveLength(1)
    await end(pod)
    await waitFor(async () => (await claims()).length === 0)
  })
})
