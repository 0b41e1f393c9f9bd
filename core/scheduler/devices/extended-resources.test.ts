import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../../api/generated/core-v1.ts'
import type { DeviceClass, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { resources } from '../../api/resources.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { pod } from '../testing/cluster-fixture.ts'
import { createDevicePlane, testDriver as driver, type DevicePlane } from '../testing/device-plane.ts'
import { extendedClaim, resourcesOfDevices } from './extended-requests.ts'

const resource = 'example.com/gpu'
const implicit = 'deviceclass.resource.kubernetes.io/gpu'

function asking(name: string, amount: number, more: Partial<Container> & { of?: string } = {}): Container {
  const { of = resource, ...rest } = more
  const list = { [of]: String(amount) }
  return { name, image: 'x', resources: { requests: { cpu: '1', ...list }, limits: list }, ...rest }
}

describe('the claim for extended resources', () => {
  const gpu: DeviceClass = { metadata: { name: 'gpu' }, spec: {} }
  const classOf = (name: string): DeviceClass | undefined => (name.includes('gpu') ? gpu : undefined)
  const claimFor = (spec: Partial<PodSpec>): { requests: unknown; mappings: unknown } => {
    const info = pod('web', { spec: { containers: [], ...spec } })
    const { claim, mappings } = extendedClaim(info.pod, resourcesOfDevices(info, classOf), classOf)
    return {
      requests: claim.spec.devices?.requests?.map(({ name, exactly }) => `${name}=${exactly?.count}`),
      mappings: mappings.map((one) => `${one.containerName}:${one.requestName}`),
    }
  }

  it('has a request for each container and resource', () => {
    const containers = [
      asking('a', 2),
      asking('b', 1, { of: implicit }),
      asking('c', 1, { of: 'other.com/x' }),
    ]
    expect(claimFor({ containers })).toEqual({
      requests: ['container-0-request-1=2', 'container-1-request-1=1'],
      mappings: ['b:container-1-request-1', 'a:container-0-request-1'],
    })
  })

  it('lets init containers use what later ones have, and share what they need beyond it', () => {
    const restartPolicy = 'Always'
    const initContainers = [asking('first', 2), asking('side', 1, { restartPolicy }), asking('last', 4)]
    expect(claimFor({ initContainers, containers: [asking('app', 2)] })).toEqual({
      requests: ['container-1-request-1=1', 'container-2-request-1=2', 'container-3-request-1=2'],
      mappings: [
        'side:container-1-request-1',
        'app:container-3-request-1',
        'first:container-1-request-1',
        'first:container-3-request-1',
        'last:container-3-request-1',
        'last:container-2-request-1',
      ],
    })
  })
})

describe('pods that ask for extended resources which devices stand behind', () => {
  let world: DevicePlane
  beforeEach(async () => {
    world = await createDevicePlane()
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const extended = async (): Promise<ResourceClaim[]> =>
    (await world.listClaims()).filter(
      ({ metadata }) => metadata.annotations?.['resource.kubernetes.io/extended-resource-claim'] === 'true',
    )

  it.each([
    ['the class names', resource],
    ['every class has', implicit],
  ])('get devices by a claim of their own: the resource that %s', async (_what, of) => {
    await world.createPod('web', { containers: [asking('app', 2, { of })] })
    await world.waitsBecause('web', `0/2 nodes are available: 2 Insufficient ${of}.`)
    await world.createClass({ extendedResourceName: resource })
    await world.waitsBecause('web', '0/2 nodes are available: 2 cannot allocate all claims.')
    await world.publish('n2', 'gpu-0', 'gpu-1', 'gpu-2')
    expect(await world.nodeOf('web')).toBe('n2')
    const web = await world.getPod('web')
    const [claim] = await extended()
    expect(claim?.metadata).toMatchObject({
      name: expect.stringMatching(/^web-extended-resources-/) as string,
      ownerReferences: [{ kind: 'Pod', name: 'web', uid: web.metadata.uid, controller: true }],
    })
    expect(claim?.status).toMatchObject({
      allocation: { devices: { results: [{ device: 'gpu-0' }, { device: 'gpu-1' }] } },
      reservedFor: [{ resource: 'pods', name: 'web', uid: web.metadata.uid }],
    })
    expect(web.status?.extendedResourceClaimStatus).toEqual({
      resourceClaimName: claim?.metadata.name,
      requestMappings: [{ containerName: 'app', resourceName: of, requestName: 'container-0-request-1' }],
    })
  })

  it('give them back when they are gone', async () => {
    await world.createClass({ extendedResourceName: resource })
    await world.publish('n1', 'gpu-0')
    await world.createPod('a', { containers: [asking('app', 1)] })
    await world.nodeOf('a')
    await world.createPod('b', { containers: [asking('app', 1)] })
    await world.waitsBecause('b', '2 cannot allocate all claims')
    await world.end('a')
    expect(await world.nodeOf('b')).toBe('n1')
  })

  it('take what the node itself has before they claim devices', async () => {
    await world.createClass({ extendedResourceName: resource })
    await world.plane.client.patch(
      resources.nodes,
      { name: 'n1' },
      {
        type: 'merge',
        subresource: 'status',
        body: { status: { capacity: { [resource]: '1' }, allocatable: { [resource]: '1' } } },
      },
    )
    await world.createPod('web', { containers: [asking('app', 1)] })
    expect(await world.nodeOf('web')).toBe('n1')
    expect(await extended()).toEqual([])
    expect((await world.getPod('web')).status).not.toHaveProperty('extendedResourceClaimStatus')
  })

  it('claim anew when they could not be bound, also what a scheduler that was ended left', async () => {
    await world.createClass({ extendedResourceName: resource })
    await world.createPod('web', { containers: [asking('app', 1)] })
    const web = await world.getPod('web')
    const left = await world.plane.client.create(resources.resourceClaims, {
      metadata: {
        name: 'left',
        namespace: 'default',
        annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: web.metadata.uid!, controller: true },
        ],
      },
      spec: world.request(),
    })
    const results = [{ request: 'card', driver, pool: 'n1', device: 'gpu-0' }]
    await world.plane.client.updateStatus(resources.resourceClaims, {
      ...left,
      status: { allocation: { devices: { results } } },
    })
    let refusals = 0
    world.instead.bind = () => {
      refusals += 1
      delete world.instead.bind
      return Promise.reject(new Error('no binding today'))
    }
    await world.publish('n1', 'gpu-0')
    await waitFor(() => refusals === 1)
    expect(await world.nodeOf('web')).toBe('n1')
    const claims = await extended()
    expect(claims.map(({ metadata }) => metadata.name)).toEqual([
      (await world.getPod('web')).status?.extendedResourceClaimStatus?.resourceClaimName,
    ])
  })
})
