import { describe, expect, it } from 'vitest'
import type { Container, ContainerStatus, LifecycleHandler } from '../../api/generated/core-v1.ts'
import { execSession } from '../testing/exec-session.ts'
import { testContainer, testPod } from '../testing/simulated-world.ts'
import { useSimulatedWorlds } from '../testing/use-simulated-worlds.ts'

const { createWorld } = useSimulatedWorlds()

const simulated = 'simulated.wheelhouse.dev/'

function hooked(
  name: string,
  lifecycle: { postStart?: LifecycleHandler; preStop?: LifecycleHandler },
): Container {
  return testContainer(name, { lifecycle })
}

describe('postStart', () => {
  it('holds back the containers after it and the status until it is through', async () => {
    const { api, boot, eventually, runtime, clock } = createWorld()
    await boot()
    const containers = [hooked('app', { postStart: { sleep: { seconds: 5 } } }), testContainer('next')]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    let running: string[] = []
    await eventually(() => {
      void runtime.listContainers(uid).then((all) => (running = all.map(({ name }) => name)))
      return running.length === 1
    })
    await clock.advance(4_000)
    expect((await runtime.listContainers(uid)).map(({ name }) => name)).toEqual(['app'])
    expect(api.pod(uid)?.status?.phase).toBe('Pending')
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    expect(api.pod(uid)!.status!.containerStatuses!.map(({ ready }) => ready)).toEqual([true, true])
  })

  it('that fails ends its container, with upstream’s events and reason', async () => {
    const { api, boot, eventually } = createWorld({ exec: async () => execSession(3, 'no luck') })
    const messages: string[] = []
    const { patchPodStatus } = api
    api.patchPodStatus = (pod, patch) => {
      const [status] = (patch['containerStatuses'] ?? []) as ContainerStatus[]
      const { reason, message = '' } = status?.state?.waiting ?? {}
      if (reason === 'PostStartHookError') messages.push(message)
      return patchPodStatus(pod, patch)
    }
    await boot()
    const containers = [hooked('app', { postStart: { exec: { command: ['warm', 'up'] } } })]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    await eventually(() => messages.length > 0)
    expect(messages[0]).toBe(
      `Exec lifecycle hook ([warm up]) for Container "app" in Pod "web_default(${uid})" failed - error: command exited with 3, message: "no luck"`,
    )
    const events = api.events.map(({ reason, message }) => `${reason}: ${message}`)
    expect(events).toContain('FailedPostStartHook: PostStartHook failed')
    expect(events).toContain('Killing: FailedPostStartHook')
  })

  it('does not keep a deleted pod alive', async () => {
    const { api, boot, eventually, clock } = createWorld()
    await boot()
    const containers = [hooked('app', { postStart: { sleep: { seconds: 600 } } })]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    await eventually(() => api.events.some(({ reason }) => reason === 'Started'))
    api.requestDeletion(uid, 10, clock.now())
    await eventually(() => api.pod(uid) === undefined, 5_000)
    expect(api.events.some(({ reason }) => reason === 'FailedPostStartHook')).toBe(false)
  })
})

describe('preStop', () => {
  it('runs before the stop signal and counts in the grace period', async () => {
    const stops: Array<{ at: number; grace: number }> = []
    const world = createWorld()
    const { api, boot, eventually, clock, runtime } = world
    const { stopContainer } = runtime
    runtime.stopContainer = (id, grace) => {
      stops.push({ at: clock.now(), grace })
      return stopContainer(id, grace)
    }
    await boot()
    const containers = [hooked('app', { preStop: { sleep: { seconds: 7 } } })]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const begun = clock.now()
    api.requestDeletion(uid, 20, begun)
    await eventually(() => api.pod(uid) === undefined)
    expect(stops).toHaveLength(1)
    expect(stops[0]!.at - begun).toBeGreaterThanOrEqual(7_000)
    expect(stops[0]!.at - begun).toBeLessThan(8_000)
    expect(stops[0]!.grace).toBeLessThanOrEqual(13)
    expect(stops[0]!.grace).toBeGreaterThanOrEqual(11)
  })

  it('is given up when the grace period ends; the process then still gets two seconds', async () => {
    const graces: number[] = []
    const world = createWorld()
    const { api, boot, eventually, clock, runtime } = world
    const { stopContainer } = runtime
    runtime.stopContainer = (id, grace) => {
      graces.push(grace)
      return stopContainer(id, grace)
    }
    await boot()
    const containers = [hooked('app', { preStop: { sleep: { seconds: 60 } } })]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const begun = clock.now()
    api.requestDeletion(uid, 5, begun)
    await eventually(() => api.pod(uid) === undefined)
    expect(clock.now() - begun).toBeLessThan(8_000)
    expect(graces).toEqual([2])
    expect(api.events.some(({ reason }) => reason === 'FailedPreStopHook')).toBe(false)
  })

  it('is cut short by a deletion with force', async () => {
    const { api, boot, eventually, clock, runtime } = createWorld()
    await boot()
    const containers = [hooked('app', { preStop: { sleep: { seconds: 60 } } })]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    api.requestDeletion(uid, 60, clock.now())
    await clock.advance(2_000)
    expect(await runtime.listContainers(uid)).toHaveLength(1)
    api.requestDeletion(uid, 0, clock.now())
    const begun = clock.now()
    let left = 1
    await eventually(() => {
      void runtime.listContainers(uid).then(({ length }) => (left = length))
      return left === 0
    })
    expect(clock.now() - begun).toBeLessThan(4_000)
  })

  it('that fails is told of, and the container stops all the same', async () => {
    const { api, boot, eventually, clock } = createWorld({ exec: async () => execSession(1) })
    await boot()
    const containers = [hooked('app', { preStop: { exec: { command: ['bye'] } } })]
    const uid = api.createPod(testPod({ containers })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    api.requestDeletion(uid, 30, clock.now())
    await eventually(() => api.pod(uid) === undefined)
    expect(api.events.find(({ reason }) => reason === 'FailedPreStopHook')?.message).toBe(
      'PreStopHook failed',
    )
  })
})

describe('a failed liveness probe', () => {
  it('ends the container within the probe’s own grace period', async () => {
    const graces: number[] = []
    const world = createWorld({ exec: async () => execSession(1, 'sick') })
    const { api, boot, eventually, runtime } = world
    const { stopContainer } = runtime
    runtime.stopContainer = (id, grace) => {
      graces.push(grace)
      return stopContainer(id, grace)
    }
    await boot()
    const livenessProbe = {
      exec: { command: ['check'] },
      periodSeconds: 1,
      failureThreshold: 2,
      terminationGracePeriodSeconds: 3,
    }
    const containers = [testContainer('app', { livenessProbe })]
    const uid = api.createPod(testPod({ containers, terminationGracePeriodSeconds: 60 })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.restartCount === 1)
    expect(graces).toEqual([3])
    const unhealthy = api.events.filter(({ reason }) => reason === 'Unhealthy')
    expect(new Set(unhealthy.map(({ message }) => message))).toEqual(new Set(['Liveness probe failed: sick']))
  })
})

describe('sidecars', () => {
  it('start one after another, each only once the one before has started by its probe', async () => {
    let passes = false
    const { api, boot, eventually, clock, runtime } = createWorld({
      exec: async () => execSession(passes ? 0 : 1),
    })
    await boot()
    const startupProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 100 }
    const initContainers = [
      testContainer('proxy', { restartPolicy: 'Always', startupProbe }),
      testContainer('logs', { restartPolicy: 'Always' }),
    ]
    const uid = api.createPod(testPod({ initContainers })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.initContainerStatuses?.[0]?.state?.running !== undefined)
    await clock.advance(5_000)
    expect(api.pod(uid)!.status).toMatchObject({
      phase: 'Pending',
      initContainerStatuses: [{ started: false, ready: false }, { state: { waiting: {} } }],
    })
    expect(await runtime.listContainers(uid)).toHaveLength(1)
    passes = true
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    expect(api.pod(uid)!.status!.initContainerStatuses).toMatchObject([
      { started: true, ready: true },
      { started: true, ready: true },
    ])
  })

  it('end after the main containers, the last one first', async () => {
    const { api, boot, eventually, clock, runtime } = createWorld()
    await boot()
    const order: string[] = []
    const { stopContainer } = runtime
    runtime.stopContainer = async (id, grace) => {
      const name = (await runtime.containerStatus(id))?.name ?? ''
      await stopContainer(id, grace)
      order.push(name)
    }
    const initContainers = [
      testContainer('first', { restartPolicy: 'Always' }),
      testContainer('second', { restartPolicy: 'Always' }),
    ]
    const annotations = { [`${simulated}stop-delay`]: '1s' }
    const uid = api.createPod(testPod({ initContainers }, { annotations })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const begun = clock.now()
    api.requestDeletion(uid, 30, begun)
    await eventually(() => api.pod(uid) === undefined)
    expect(order).toEqual(['app', 'second', 'first'])
    expect(clock.now() - begun).toBeGreaterThanOrEqual(3_000)
    expect(clock.now() - begun).toBeLessThan(6_000)
  })

  it('do not keep a pod from its end, and are no failure', async () => {
    const world = createWorld()
    const { api, boot, eventually, runtime } = world
    await boot()
    const initContainers = [testContainer('proxy', { restartPolicy: 'Always' })]
    const uid = api.createPod(testPod({ initContainers, restartPolicy: 'Never' })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const app = (await runtime.listContainers(uid)).find(({ name }) => name === 'app')!
    runtime.crashContainer(app.id, 0)
    await eventually(() => api.pod(uid)?.status?.phase === 'Succeeded')
    await eventually(() => api.pod(uid)?.status?.initContainerStatuses?.[0]?.state?.terminated !== undefined)
    expect(await runtime.listContainers(uid)).toHaveLength(2)
  })
})
