import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { DeviceRequest, DeviceSubRequest } from '../../api/generated/resource-v1.ts'
import { resources } from '../../api/resources.ts'
import type { TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { createDevicePlane, testDriver as driver, type DevicePlane } from '../testing/device-plane.ts'

const namespace = 'default'
const finalizer = 'resource.kubernetes.io/delete-protection'

let world: DevicePlane
let plane: TestControlPlane
let instead: DevicePlane['instead']
beforeEach(async () => {
  world = await createDevicePlane()
  ;({ plane, instead } = world)
})
afterEach(() => world[Symbol.asyncDispose]())

const publish: DevicePlane['publish'] = (...args) => world.publish(...args)
const createClass: DevicePlane['createClass'] = (...args) => world.createClass(...args)
const request: DevicePlane['request'] = (...args) => world.request(...args)
const createClaim: DevicePlane['createClaim'] = (...args) => world.createClaim(...args)
const createPod = (name: string, claim: object): Promise<Pod> =>
  world.createPod(name, { resourceClaims: [{ name: 'card', ...claim }] })
const getPod: DevicePlane['getPod'] = (name) => world.getPod(name)
const getClaim: DevicePlane['getClaim'] = (name) => world.getClaim(name)
const nodeOf: DevicePlane['nodeOf'] = (name) => world.nodeOf(name)
const waitsBecause: DevicePlane['waitsBecause'] = (...args) => world.waitsBecause(...args)
const end: DevicePlane['end'] = (name) => world.end(name)

describe('pods that claim devices', () => {
  it('go where the devices are, which the claim’s status then tells', async () => {
    await createClass()
    await publish('n2', 'small-0', 'big-1')
    await createClaim('mine', request(`device.attributes["${driver}"].model == "big"`))
    const { metadata } = await createPod('web', { resourceClaimName: 'mine' })
    expect(await nodeOf('web')).toBe('n2')
    const claim = await getClaim('mine')
    expect(claim.metadata.finalizers).toEqual([finalizer])
    expect(claim.status).toEqual({
      allocation: {
        allocationTimestamp: expect.any(String) as string,
        devices: {
          results: [{ request: 'card', driver, pool: 'n2', device: 'big-1' }],
          config: [
            { source: 'FromClass', requests: ['card'], opaque: { driver, parameters: { mode: 'fast' } } },
          ],
        },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }],
        },
      },
      reservedFor: [{ resource: 'pods', name: 'web', uid: metadata.uid }],
    })
  })

  it('wait for claim, class and device, saying so in upstream’s words', async () => {
    await createPod('web', { resourceClaimName: 'mine' })
    await waitsBecause('web', '0/2 nodes are available: could not find ResourceClaim "default/mine".')
    await createClaim('mine')
    await waitsBecause('web', 'request card: device class gpu does not exist')
    await createClass()
    await waitsBecause('web', '0/2 nodes are available: 2 cannot allocate all claims.')
    await publish('n1', 'gpu-0')
    expect(await nodeOf('web')).toBe('n1')
  })

  it('share a claim, and free its devices when the last of them is gone', async () => {
    await createClass()
    await publish('n1', 'gpu-0')
    await createClaim('shared')
    for (const name of ['a', 'b']) await createPod(name, { resourceClaimName: 'shared' })
    expect([await nodeOf('a'), await nodeOf('b')]).toEqual(['n1', 'n1'])
    const reserved = async (): Promise<string[]> =>
      ((await getClaim('shared')).status?.reservedFor ?? []).map(({ name }) => name).sort()
    expect(await reserved()).toEqual(['a', 'b'])

    await createClaim('other')
    await createPod('c', { resourceClaimName: 'other' })
    await waitsBecause('c', '2 cannot allocate all claims')
    await end('a')
    await waitFor(async () => (await reserved()).join() === 'b')
    expect((await getPod('c')).spec.nodeName).toBeUndefined()
    await end('b')
    expect(await nodeOf('c')).toBe('n1')
    expect((await getClaim('shared')).status?.allocation).toBeUndefined()
    expect((await getClaim('shared')).metadata.finalizers ?? []).toEqual([])
  })

  it('get claims of their own from templates, never two the same device', async () => {
    await createClass()
    await publish('n1', 'gpu-0', 'gpu-1')
    await publish('n2', 'gpu-2')
    await plane.client.create(resources.resourceClaimTemplates, {
      metadata: { name: 'gpu', namespace },
      spec: { spec: request() },
    })
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(names.map((name) => createPod(name, { resourceClaimTemplateName: 'gpu' })))
    const placed = await waitFor(async () => {
      const pods = await Promise.all(names.map(getPod))
      return pods.filter(({ spec }) => spec.nodeName).length === 3 ? pods : undefined
    })
    const { items } = await plane.client.list(resources.resourceClaims, { namespace })
    const devices = items.flatMap(({ status }) => status?.allocation?.devices?.results ?? [])
    expect(devices.map(({ device }) => device).sort()).toEqual(['gpu-0', 'gpu-1', 'gpu-2'])
    const waiting = placed.find(({ spec }) => !spec.nodeName)!.metadata.name
    await waitsBecause(waiting, 'cannot allocate all claims')
    await end(names.find((name) => name !== waiting)!)
    expect(await nodeOf(waiting)).toBeTruthy()
  })

  it('share a device by its capacity, and wait for more than is left', async () => {
    await createClass()
    const capacity = {
      memory: { value: '10Gi', requestPolicy: { default: '1Gi', validRange: { min: '1Gi', step: '1Gi' } } },
    }
    await publish('n1', { name: 'gpu-0', allowMultipleAllocations: true, capacity })
    const of = (memory: string): DeviceRequest[] => [
      { name: 'card', exactly: { deviceClassName: 'gpu', capacity: { requests: { memory } } } },
    ]
    for (const [name, memory] of [
      ['a', '5500Mi'],
      ['b', '3Gi'],
      ['c', '2Gi'],
    ] as const) {
      await createClaim(name, { devices: { requests: of(memory) } })
      await createPod(name, { resourceClaimName: name })
      if (name !== 'c') expect(await nodeOf(name)).toBe('n1')
    }
    await waitsBecause('c', '2 cannot allocate all claims')
    const results = await Promise.all(
      ['a', 'b'].map(async (name) => (await getClaim(name)).status?.allocation?.devices?.results?.[0]),
    )
    expect(results).toMatchObject([
      { device: 'gpu-0', consumedCapacity: { memory: '6Gi' } },
      { device: 'gpu-0', consumedCapacity: { memory: '3Gi' } },
    ])
    expect(results[0]?.shareID).not.toBe(results[1]?.shareID)
    await end('b')
    expect(await nodeOf('c')).toBe('n1')
  })

  it('go to the node with the alternative they would rather have', async () => {
    await createClass()
    const alternative = (model: string): DeviceSubRequest => ({
      name: model,
      deviceClassName: 'gpu',
      selectors: [{ cel: { expression: `device.attributes["${driver}"].model == "${model}"` } }],
    })
    const firstAvailable = ['best', 'good', 'any'].map(alternative)
    await publish('n1', 'any-0', 'any-1', 'good-2')
    await publish('n2', 'any-0', 'best-1')
    const claims = ['a', 'b', 'c']
    const places: string[] = []
    for (const name of claims) {
      await createClaim(name, { devices: { requests: [{ name: 'card', firstAvailable }] } })
      await createPod(name, { resourceClaimName: name })
      places.push(await nodeOf(name))
    }
    expect(places.slice(0, 2)).toEqual(['n2', 'n1'])
    const results = await Promise.all(claims.map(async (name) => (await getClaim(name)).status?.allocation))
    expect(results.map((one) => one?.devices?.results?.[0]?.request)).toEqual([
      'card/best',
      'card/good',
      'card/any',
    ])
  })

  describe('that have to be made ready', () => {
    const pool = { name: 'n1', generation: 1, resourceSliceCount: 1 }
    const bindingConditions = ['is-attached']
    const bindingFailureConditions = ['attaching-failed']
    async function publishUnready(): Promise<void> {
      await createClass()
      const device = { name: 'far-0', bindsToNode: true, bindingConditions, bindingFailureConditions }
      await plane.client.create(resources.resourceSlices, {
        metadata: { name: 'far' },
        spec: { driver, allNodes: true, pool, devices: [device] },
      })
      await createClaim('mine')
      await createPod('web', { resourceClaimName: 'mine' })
      await waitFor(async () => (await getClaim('mine')).status?.allocation)
    }
    async function tell(type: string): Promise<void> {
      const claim = await getClaim('mine')
      const conditions = [
        { type, status: 'True', reason: 'Told', message: 'so', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ]
      const devices = [{ driver, pool: 'n1', device: 'far-0', conditions }]
      await plane.client.updateStatus(resources.resourceClaims, {
        ...claim,
        status: { ...claim.status, devices },
      })
    }

    it('are waited for with the place already told', async () => {
      await publishUnready()
      const { status } = await getClaim('mine')
      expect(status?.allocation?.devices?.results).toMatchObject([
        { device: 'far-0', bindingConditions, bindingFailureConditions },
      ])
      const nominated = await waitFor(async () => (await getPod('web')).status?.nominatedNodeName)
      expect((await getPod('web')).spec.nodeName).toBeUndefined()
      expect(status?.allocation?.nodeSelector?.nodeSelectorTerms[0]?.matchFields?.[0]?.values).toEqual([
        nominated,
      ])
      await tell('is-attached')
      expect(await nodeOf('web')).toBe(nominated)
      expect((await getPod('web')).status?.nominatedNodeName).toBeUndefined()
    })

    it('are given up when they will not be ready', async () => {
      await publishUnready()
      await waitFor(async () => (await getPod('web')).status?.nominatedNodeName)
      await tell('attaching-failed')
      await waitsBecause('web', 'claim mine binding failed: reason=Told, message="so"')
    })
  })

  it('give their devices back when they cannot be bound', async () => {
    await createClass()
    await publish('n1', 'gpu-0')
    await createClaim('mine')
    let refusals = 0
    instead.bind = () => {
      refusals += 1
      delete instead.bind
      return Promise.reject(new Error('no binding today'))
    }
    await createPod('web', { resourceClaimName: 'mine' })
    await waitFor(() => refusals === 1)
    await waitFor(async () => {
      const { status } = await getClaim('mine')
      return !status?.allocation && !status?.reservedFor?.length
    })
    await createClaim('other')
    await createPod('quick', { resourceClaimName: 'other' })
    const first = await waitFor(async () => {
      const [web, quick] = [await getPod('web'), await getPod('quick')]
      return web.spec.nodeName ? 'web' : quick.spec.nodeName && 'quick'
    })
    expect(['web', 'quick']).toContain(first)
  })
})
