import { describe, expect, it } from 'vitest'
import { findCondition } from '../api/conditions.ts'
import { testContainer as container, testPod as pod } from './testing/simulated-world.ts'
import { useSimulatedWorlds } from './testing/use-simulated-worlds.ts'

const { createWorld } = useSimulatedWorlds()

const simulated = 'simulated.wheelhouse.dev/'

describe('a pod', () => {
  it('runs, and says so with status, conditions and events', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const uid = api.createPod(pod()).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const status = api.pod(uid)!.status!
    expect(status).toMatchObject({
      podIP: '10.244.0.2',
      podIPs: [{ ip: '10.244.0.2' }],
      hostIP: '172.20.0.2',
      qosClass: 'BestEffort',
      observedGeneration: 1,
      containerStatuses: [
        { name: 'app', ready: true, started: true, restartCount: 0, lastState: {}, image: 'nginx:1' },
      ],
    })
    expect(status.startTime).toMatch(/^2026-01-01T00:00:0\dZ$/)
    expect(status.containerStatuses![0]!.state!.running!.startedAt).toBeDefined()
    const conditions = Object.fromEntries(status.conditions!.map(({ type, status: value }) => [type, value]))
    expect(conditions).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      Ready: 'True',
      ContainersReady: 'True',
      PodScheduled: 'True',
    })
    const ofPod = api.events.filter(({ involved }) => involved.kind === 'Pod')
    expect(ofPod.map(({ reason }) => reason)).toEqual(['Pulled', 'Created', 'Started'])
    expect(api.events.find(({ reason }) => reason === 'Pulled')).toMatchObject({
      message: 'Container image "nginx:1" already present on machine and can be accessed by the pod',
      involved: { kind: 'Pod', name: 'web', uid, fieldPath: 'spec.containers{app}' },
    })
    expect(api.statusPatches).toBeLessThanOrEqual(2)
  })

  it('shows ContainerCreating while its sandbox is made', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const uid = api.createPod(pod({}, { annotations: { [`${simulated}start-delay`]: '2s' } })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.containerStatuses !== undefined)
    expect(api.pod(uid)!.status).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } }, ready: false }],
    })
    expect(findCondition(api.pod(uid)!.status!.conditions, 'ContainersReady')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app]',
    })
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
  })

  it('runs init containers one after another before its containers', async () => {
    const { api, boot, eventually, runtime } = createWorld()
    await boot()
    const uid = api.createPod(
      pod(
        { initContainers: [container('first'), container('second')], restartPolicy: 'Never' },
        { annotations: { [`${simulated}run-for`]: '1s' } },
      ),
    ).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.initContainerStatuses?.[0]?.state?.running !== undefined)
    expect(api.pod(uid)!.status).toMatchObject({
      phase: 'Pending',
      initContainerStatuses: [{ name: 'first' }, { state: { waiting: { reason: 'PodInitializing' } } }],
      containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
    })
    expect(findCondition(api.pod(uid)!.status!.conditions, 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [first second]',
    })
    await eventually(() => api.pod(uid)?.status?.phase === 'Succeeded')
    const order = (await runtime.listContainers(uid)).toSorted((a, b) =>
      a.startedAt! < b.startedAt! ? -1 : 1,
    )
    expect(order.map(({ name }) => name)).toEqual(['first', 'second', 'app'])
    expect(api.pod(uid)!.status!.initContainerStatuses).toMatchObject([
      { ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      { ready: true },
    ])
  })

  it('waits for an image that cannot be pulled', async () => {
    const { api, boot, eventually, reasons } = createWorld()
    await boot()
    const uid = api.createPod(pod({ containers: [container('app', { image: 'missing/app:1' })] })).metadata
      .uid!
    const waiting = () => api.pod(uid)?.status?.containerStatuses?.[0]?.state?.waiting
    await eventually(() => waiting()?.reason === 'ErrImagePull')
    expect(waiting()?.message).toContain('pull access denied for missing/app')
    await eventually(() => waiting()?.reason === 'ImagePullBackOff')
    expect(waiting()?.message).toContain('Back-off pulling image "missing/app:1": ErrImagePull: pull access')
    expect(reasons()).toEqual(expect.arrayContaining(['Pulling', 'Failed', 'BackOff']))
    expect(api.pod(uid)!.status!.phase).toBe('Pending')
    const pulls = (): number => reasons().filter((reason) => reason === 'Pulling').length
    await eventually(() => pulls() === 2)
  })

  it.each([
    ['Never', 'missing/app:1', 'ErrImageNeverPull'],
    ['IfNotPresent', 'Not A Name', 'InvalidImageName'],
  ])('with pull policy %s and image %s waits with %s', async (imagePullPolicy, image, reason) => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const uid = api.createPod(pod({ containers: [container('app', { image, imagePullPolicy })] })).metadata
      .uid!
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.state?.waiting?.reason === reason)
  })

  it('waits for a missing ConfigMap and starts once it is there', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const env = [{ name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } }]
    const uid = api.createPod(pod({ containers: [container('app', { env })] })).metadata.uid!
    const waiting = () => api.pod(uid)?.status?.containerStatuses?.[0]?.state?.waiting
    await eventually(() => waiting()?.reason === 'CreateContainerConfigError')
    expect(waiting()?.message).toBe('configmap "settings" not found')
    api.configMaps.set('default/settings', { metadata: { name: 'settings' }, data: { other: 'x' } })
    await eventually(() => waiting()?.message === `couldn't find key mode in ConfigMap default/settings`)
    api.configMaps.set('default/settings', { metadata: { name: 'settings' }, data: { mode: 'x' } })
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
  })

  it('tells of volumes that cannot be mounted', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const volumes = [{ name: 'cfg', configMap: { name: 'nope' } }]
    const uid = api.createPod(pod({ volumes })).metadata.uid!
    await eventually(() => api.events.some(({ reason }) => reason === 'FailedMount'))
    expect(api.events.find(({ reason }) => reason === 'FailedMount')?.message).toBe(
      'MountVolume.SetUp failed for volume "cfg" : configmap "nope" not found',
    )
    api.configMaps.set('default/nope', { metadata: { name: 'nope' }, data: {} })
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
  })

  it('gets a changed ConfigMap into its volumes before a container is started again', async () => {
    const { api, boot, eventually, clock, writtenVolumes } = createWorld()
    await boot()
    api.configMaps.set('default/cfg', { metadata: { name: 'cfg' }, data: { a: '1' } })
    const annotations = { [`${simulated}run-for`]: '5s', [`${simulated}exit-code`]: '1' }
    const volumes = [{ name: 'cfg', configMap: { name: 'cfg' } }]
    const uid = api.createPod(pod({ volumes }, { annotations })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const startedAt = clock.now()
    api.configMaps.set('default/cfg', { metadata: { name: 'cfg' }, data: { a: '2' } })
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.restartCount === 1)
    expect(writtenVolumes).toEqual(['cfg'])
    expect(clock.now() - startedAt).toBeLessThan(30_000)
  })

  it('gets changed ConfigMaps and renewed tokens into its volumes while it runs', async () => {
    const { api, boot, eventually, clock, writtenVolumes } = createWorld()
    await boot()
    api.configMaps.set('default/cfg', { metadata: { name: 'cfg' }, data: { a: '1' } })
    const projected = { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] }
    const uid = api.createPod(
      pod({
        volumes: [
          { name: 'cfg', configMap: { name: 'cfg' } },
          { name: 'access', projected },
        ],
      }),
    ).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    await clock.advance(130_000)
    expect(writtenVolumes).toEqual([])
    api.configMaps.set('default/cfg', { metadata: { name: 'cfg' }, data: { a: '2' } })
    await eventually(() => writtenVolumes.length > 0, 70_000)
    expect(writtenVolumes).toEqual(['cfg'])
    expect(api.issuedTokens).toBe(1)
    await eventually(() => api.issuedTokens === 2, 3_600_000)
    expect(clock.now() - Date.parse('2026-01-01')).toBeGreaterThan(2_800_000)
    expect(clock.now() - Date.parse('2026-01-01')).toBeLessThan(3_000_000)
  })
})
