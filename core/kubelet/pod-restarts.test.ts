import { describe, expect, it } from 'vitest'
import type { Pod } from '../api/generated/core-v1.ts'
import { testContainer as container, testPod as pod } from './testing/simulated-world.ts'
import { useSimulatedWorlds } from './testing/use-simulated-worlds.ts'

const { createWorld } = useSimulatedWorlds()

const simulated = 'simulated.wheelhouse.dev/'

describe('a pod', () => {
  it.each([
    ['Never', '0', 'Succeeded'],
    ['Never', '3', 'Failed'],
    ['OnFailure', '0', 'Succeeded'],
  ])('with restartPolicy %s and exit code %s ends as %s', async (restartPolicy, code, phase) => {
    const { api, boot, eventually, network, runtime } = createWorld()
    await boot()
    const annotations = { [`${simulated}run-for`]: '500ms', [`${simulated}exit-code`]: code }
    const uid = api.createPod(pod({ restartPolicy }, { annotations })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === phase)
    expect(api.pod(uid)!.status!.containerStatuses![0]).toMatchObject({
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: Number(code), reason: code === '0' ? 'Completed' : 'Error' } },
    })
    await eventually(() => !network.addresses.has(uid))
    expect(await runtime.listSandboxes(uid)).toEqual([])
    expect(await runtime.listContainers(uid)).toHaveLength(1)
    expect(api.pod(uid)!.status!.podIP).toBe('10.244.0.2')
  })

  it('backs off after crashes: 10 s, 20 s …, with upstream texts and counts', async () => {
    const { api, boot, eventually, clock } = createWorld()
    await boot()
    const annotations = { [`${simulated}run-for`]: '1s', [`${simulated}exit-code`]: '1' }
    const uid = api.createPod(pod({}, { annotations })).metadata.uid!
    const first = (): NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number] =>
      api.pod(uid)!.status!.containerStatuses![0]!
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.restartCount === 1)
    await eventually(() => first().state?.waiting?.reason === 'CrashLoopBackOff')
    expect(first()).toMatchObject({
      restartCount: 1,
      ready: false,
      state: {
        waiting: {
          message: `back-off 10s restarting failed container=app pod=web_default(${uid})`,
        },
      },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    })
    expect(api.pod(uid)!.status!.phase).toBe('Running')
    const endedAt = Date.parse(first().lastState!.terminated!.finishedAt!)
    await eventually(() => first().restartCount === 2)
    expect(clock.now() - endedAt).toBeGreaterThan(9_000)
    expect(clock.now() - endedAt).toBeLessThan(11_500)
    await eventually(() => first().state?.waiting?.message?.startsWith('back-off 20s') === true)
    expect(api.events.find(({ reason }) => reason === 'BackOff')?.message).toBe(
      `Back-off restarting failed container app in pod web_default(${uid})`,
    )
  })

  it('shows how a container ended before it is started again, and for a while before its back-off', async () => {
    const { api, boot, eventually, clock } = createWorld()
    await boot()
    const annotations = { [`${simulated}run-for`]: '1s', [`${simulated}exit-code`]: '7' }
    const uid = api.createPod(pod({ restartPolicy: 'OnFailure' }, { annotations })).metadata.uid!
    const status = () => api.pod(uid)?.status?.containerStatuses?.[0]
    const state = () => status()?.state
    const seen: unknown[] = []
    const patchPodStatus = api.patchPodStatus.bind(api)
    api.patchPodStatus = async (target, patch) => {
      const result = await patchPodStatus(target, patch)
      seen.push([status()?.restartCount, api.pod(uid)?.status?.phase, Object.keys(state() ?? {})[0]])
      return result
    }
    await eventually(() => status()?.restartCount === 1 && state()?.terminated?.exitCode === 7)
    expect(seen).toEqual(
      expect.arrayContaining([
        [0, 'Running', 'running'],
        [0, 'Running', 'terminated'],
        [1, 'Running', 'running'],
        [1, 'Running', 'terminated'],
      ]),
    )
    const endedAt = clock.now()
    expect(api.events.some(({ reason }) => reason === 'BackOff')).toBe(true)
    await eventually(() => state()?.terminated === undefined)
    expect(state()?.waiting?.reason).toBe('CrashLoopBackOff')
    expect(clock.now() - endedAt).toBeGreaterThan(4_000)
    expect(clock.now() - endedAt).toBeLessThan(6_000)
  })

  it('is ended gracefully and only then removed', async () => {
    const { api, boot, eventually, clock, runtime, network, reasons } = createWorld()
    await boot()
    const annotations = { [`${simulated}stop-delay`]: '3s' }
    const uid = api.createPod(pod({}, { annotations })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    api.requestDeletion(uid, 30, clock.now())
    await eventually(() => reasons().includes('Killing'))
    const begun = clock.now()
    expect((await runtime.listContainers(uid))[0]?.state).toBe('running')
    await eventually(() => api.pod(uid) === undefined)
    expect(clock.now() - begun).toBeGreaterThan(2_500)
    expect(await runtime.listContainers(uid)).toEqual([])
    expect(await runtime.listSandboxes(uid)).toEqual([])
    expect(network.addresses.size).toBe(0)
    expect(api.events.find(({ reason }) => reason === 'Killing')?.message).toBe('Stopping container app')
  })

  it('is ended at once when it was deleted by force in the middle of its grace period', async () => {
    const { api, boot, eventually, clock, runtime } = createWorld()
    await boot()
    const annotations = { [`${simulated}stop-delay`]: '60s' }
    const uid = api.createPod(pod({}, { annotations })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    api.requestDeletion(uid, 50, clock.now())
    await clock.advance(1_000)
    api.requestDeletion(uid, 0, clock.now())
    const begun = clock.now()
    let left = 1
    await eventually(() => {
      void runtime.listContainers(uid).then(({ length }) => (left = length))
      return left === 0
    })
    expect(clock.now() - begun).toBeLessThan(4_000)
  })

  it('fails when it is active for longer than its deadline', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const uid = api.createPod(pod({ activeDeadlineSeconds: 5 })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Failed', 10_000)
    expect(api.pod(uid)!.status).toMatchObject({ reason: 'DeadlineExceeded' })
  })

  it('gets a new sandbox and restarts when the old one died', async () => {
    const { api, boot, eventually, runtime, reasons, network } = createWorld()
    await boot()
    const uid = api.createPod(pod()).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    runtime.crashAll()
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.restartCount === 1)
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.ready === true)
    expect(reasons()).toContain('SandboxChanged')
    expect((await runtime.listSandboxes(uid)).map(({ attempt }) => attempt)).toEqual([1])
    expect(network.setUps).toEqual([uid, uid])
    expect(api.pod(uid)!.status).toMatchObject({
      podIP: '10.244.0.2',
      containerStatuses: [{ lastState: { terminated: { exitCode: 255 } } }],
    })
  })

  it('restarts a container whose image changed', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const created = api.createPod(pod())
    const uid = created.metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const current = api.pod(uid)!
    api.createPod({
      ...current,
      spec: { ...current.spec, containers: [container('app', { image: 'nginx:2' })] },
    })
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.image === 'nginx:2')
    expect(api.pod(uid)!.status!.containerStatuses![0]).toMatchObject({ restartCount: 1 })
    expect(api.events.find(({ reason }) => reason === 'Killing')?.message).toBe(
      'Container app definition changed, will be restarted',
    )
  })

  it('is ready only after its readiness probe', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 5, periodSeconds: 1 }
    const uid = api.createPod(pod({ containers: [container('app', { readinessProbe })] })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    expect(api.pod(uid)!.status!.containerStatuses![0]).toMatchObject({ ready: false, started: true })
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.ready === true)
  })
})
