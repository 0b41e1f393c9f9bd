import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { defaultKubeletSettings } from '../kubelet-settings.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
let inner: SimulatedWorld['runtime']
beforeEach(() => {
  world = createSimulatedWorld({
    machineInfo: async () => ({ ...(await inner.machineInfo()), runtimeHandlers: ['runc'] }),
  })
  inner = createSimulatedWorld().runtime
})
afterEach(() => world[Symbol.asyncDispose]())

function create(spec: Partial<PodSpec>, name = 'web'): string {
  return world.api.createPod(testPod(spec, { name })).metadata.uid!
}

const status = (uid: string): Pod['status'] => world.api.pod(uid)?.status

function asking(requests: Record<string, string>): Partial<PodSpec> {
  return { containers: [testContainer('app', { resources: { requests, limits: requests } })] }
}

describe('a pod that was bound to the node without asking the scheduler', () => {
  it.each([
    ['cpu', '9', 'requested: 9000, used: 1000, capacity: 8000'],
    ['hugepages-2Mi', '4Mi', 'requested: 4194304, used: 0, capacity: 0'],
  ])('fails when the node has not enough %s', async (resource, quantity, amounts) => {
    await world.boot()
    const first = create(asking({ cpu: '1' }), 'first')
    await world.eventually(() => status(first)?.phase === 'Running')
    const uid = create(asking({ [resource]: quantity }))
    await world.eventually(() => status(uid)?.phase === 'Failed')
    expect(status(uid)).toMatchObject({
      reason: `OutOf${resource}`,
      message: `Pod was rejected: Node didn't have enough resource: ${resource}, ${amounts}`,
    })
    expect(await world.runtime.listSandboxes(uid)).toEqual([])
    // Of containers nothing is told, so that kubectl shows the reason.
    expect(status(uid)).toEqual({
      phase: 'Failed',
      reason: `OutOf${resource}`,
      message: status(uid)?.message,
      startTime: status(uid)?.startTime,
      qosClass: status(uid)?.qosClass,
      observedGeneration: 1,
      conditions: [{ type: 'PodScheduled', status: 'True' }],
    })
  })

  it('runs in spite of a resource that the node knows nothing of', async () => {
    await world.boot()
    const uid = create(asking({ 'example.com/gpu': '1' }))
    await world.eventually(() => status(uid)?.phase === 'Running')
  })

  it('runs once another has given way', async () => {
    await world.boot()
    const first = create(asking({ cpu: '8' }), 'first')
    await world.eventually(() => status(first)?.phase === 'Running')
    world.api.requestDeletion(first, 0, world.clock.now())
    await world.eventually(() => world.api.pods.size === 0)
    const uid = create(asking({ cpu: '8' }))
    await world.eventually(() => status(uid)?.phase === 'Running')
  })
})

describe('kernel parameters', () => {
  const setting = (...names: string[]): Partial<PodSpec> => ({
    securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) },
  })

  it('beyond the safe ones are forbidden unless the node allows them', async () => {
    const settings = {
      ...defaultKubeletSettings,
      allowedUnsafeSysctls: ['kernel.msg*', 'net.core.somaxconn'],
    }
    world = createSimulatedWorld({}, { settings })
    await world.boot()
    const fine = create(setting('net.ipv4.tcp_syncookies', 'kernel.msgmax', 'net/core/somaxconn'), 'fine')
    const refused = create(setting('kernel.shmmax'), 'refused')
    const shared = create({ ...setting('net.core.somaxconn'), hostNetwork: true }, 'shared')
    await world.eventually(() => [refused, shared].every((uid) => status(uid)?.phase === 'Failed'))
    await world.eventually(() => status(fine)?.phase === 'Running')
    expect(status(refused)).toMatchObject({
      reason: 'SysctlForbidden',
      message: 'Pod was rejected: forbidden sysctl: "kernel.shmmax" not allowlisted',
    })
    expect(status(shared)?.message).toBe(
      'Pod was rejected: forbidden sysctl: "net.core.somaxconn" not allowed with host net enabled',
    )
  })
})

describe('a critical pod that does not fit', () => {
  const critical = 2_000_001_000

  it('has others make way: as few as can be, and those of the lowest class first', async () => {
    await world.boot()
    const guaranteed = create(asking({ cpu: '3', memory: '1Gi' }), 'guaranteed')
    const small = create(
      { containers: [testContainer('app', { resources: { requests: { cpu: '1' } } })] },
      'small',
    )
    const large = create(
      { containers: [testContainer('app', { resources: { requests: { cpu: '3' } } })] },
      'large',
    )
    const free = create({}, 'free')
    const all = [guaranteed, small, large, free]
    await world.eventually(() => all.every((uid) => status(uid)?.phase === 'Running'))
    const uid = create({ ...asking({ cpu: '3' }), priority: critical }, 'critical')
    await world.eventually(() => status(uid)?.phase === 'Running')
    expect(all.map((one) => status(one)?.phase)).toEqual(['Running', 'Running', 'Failed', 'Running'])
    expect(status(large)).toMatchObject({
      reason: 'Preempting',
      message: 'Preempted in order to admit critical pod',
      conditions: expect.arrayContaining([
        expect.objectContaining({
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'TerminationByKubelet',
          message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
        }),
      ]) as unknown,
    })
    expect(world.reasons().filter((reason) => reason === 'Preempting')).toHaveLength(1)
  })

  it('fails when only critical ones could make way, and so does one that is not critical', async () => {
    await world.boot()
    const first = create({ ...asking({ cpu: '8' }), priority: critical }, 'first')
    await world.eventually(() => status(first)?.phase === 'Running')
    const second = create({ ...asking({ cpu: '1' }), priority: critical }, 'second')
    const plain = create({ ...asking({ cpu: '1' }), priority: 1000 }, 'plain')
    await world.eventually(() => [second, plain].every((uid) => status(uid)?.phase === 'Failed'))
    expect(status(second)?.reason).toBe('OutOfcpu')
    expect(status(first)?.phase).toBe('Running')
  })
})

describe('a pod that claims devices', () => {
  const claimed = (uid: string): void => {
    const results = [{ request: 'card', driver: 'gpu.example.com', pool: 'n1', device: 'gpu-0' }]
    world.api.resourceClaims.set('default/mine', {
      metadata: { name: 'mine', namespace: 'default', uid: 'c1' },
      spec: {},
      status: {
        allocation: { devices: { results } },
        reservedFor: [{ resource: 'pods', name: 'web', uid }],
      },
    })
  }
  const messages = (): string[] =>
    world.api.events
      .filter(({ reason }) => reason === 'FailedPrepareDynamicResources')
      .map(({ message }) => message.replace('Failed to prepare dynamic resources: ', ''))

  it('does not run without them, and says why', async () => {
    await world[Symbol.asyncDispose]()
    world = createSimulatedWorld({}, { runtimeName: 'docker' })
    await world.boot()
    const uid = create({ resourceClaims: [{ name: 'card', resourceClaimName: 'mine' }] })
    await world.eventually(() =>
      messages().includes(
        'prepare dynamic resources: fetch ResourceClaim default/mine: resourceclaims.resource.k8s.io "mine" not found',
      ),
    )
    claimed('another')
    await world.eventually(() =>
      messages().includes(
        `prepare dynamic resources: pod web (${uid}) is not allowed to use ResourceClaim mine (c1)`,
      ),
    )
    claimed(uid)
    await world.eventually(
      () => messages().includes('prepare dynamic resources: DRA driver gpu.example.com is not registered'),
      60_000,
    )
    expect(status(uid)?.phase).toBe('Pending')
    expect(await world.runtime.listSandboxes(uid)).toEqual([])
  })

  it('has them for its extended resources too', async () => {
    await world[Symbol.asyncDispose]()
    world = createSimulatedWorld({}, { runtimeName: 'docker' })
    await world.boot()
    const made = testPod({}, { name: 'web' })
    const requestMappings = [{ containerName: 'app', resourceName: 'example.com/gpu', requestName: 'card' }]
    made.status!.extendedResourceClaimStatus = { resourceClaimName: 'mine', requestMappings }
    const uid = world.api.createPod(made).metadata.uid!
    claimed(uid)
    await world.eventually(
      () => messages().includes('prepare dynamic resources: DRA driver gpu.example.com is not registered'),
      60_000,
    )
    expect(status(uid)?.extendedResourceClaimStatus?.resourceClaimName).toBe('mine')
  })

  it('runs on a simulated node, which has what was allocated there', async () => {
    await world.boot()
    const uid = create({ resourceClaims: [{ name: 'card', resourceClaimName: 'mine' }] })
    claimed(uid)
    await world.eventually(() => status(uid)?.phase === 'Running', 60_000)
  })
})

describe('a runtime class', () => {
  it('whose handler the engine has not lets no sandbox be made, and the event says so', async () => {
    world.api.runtimeClasses.set('sandboxed', { metadata: { name: 'sandboxed' }, handler: 'gvisor' })
    world.api.runtimeClasses.set('plain', { metadata: { name: 'plain' }, handler: 'runc' })
    await world.boot()
    const plain = create({ runtimeClassName: 'plain' }, 'plain')
    const uid = create({ runtimeClassName: 'sandboxed' })
    create({ runtimeClassName: 'nowhere' }, 'lost')
    await world.eventually(() => status(plain)?.phase === 'Running')
    const messages = (): string[] =>
      world.api.events
        .filter(({ reason }) => reason === 'FailedCreatePodSandBox')
        .map(({ message }) => message)
    await world.eventually(() => new Set(messages()).size === 2)
    expect(messages()).toEqual(
      expect.arrayContaining([
        'Failed to create pod sandbox: failed to get sandbox runtime: no runtime for "gvisor" is configured',
        'Failed to create pod sandbox: RuntimeClass "nowhere" not found',
      ]),
    )
    expect(status(uid)?.phase).toBe('Pending')
    expect(await world.runtime.listSandboxes(uid)).toEqual([])
  })
})

describe('a user namespace of its own', () => {
  it('lets no sandbox be made, and the event says why', async () => {
    world.api.runtimeClasses.set('plain', { metadata: { name: 'plain' }, handler: 'runc' })
    await world.boot()
    const uid = create({ hostUsers: false })
    create({ hostUsers: false, runtimeClassName: 'plain' }, 'classy')
    const shared = create({ hostUsers: true }, 'shared')
    await world.eventually(() => status(shared)?.phase === 'Running')
    const messages = (): Set<string> =>
      new Set(
        world.api.events
          .filter(({ reason }) => reason === 'FailedCreatePodSandBox')
          .map(({ message }) => message),
      )
    await world.eventually(() => messages().size === 2)
    expect(messages()).toEqual(
      new Set([
        "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
        'Failed to create pod sandbox: can\'t set `spec.hostUsers: false`, RuntimeClass handler "runc" does not support user namespaces',
      ]),
    )
    expect(status(uid)?.phase).toBe('Pending')
    expect(await world.runtime.listSandboxes(uid)).toEqual([])
    expect(world.api.nodes.get('node-1')?.status?.runtimeHandlers?.map(({ name }) => name)).toEqual([
      '',
      'runc',
    ])
  })
})
