import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { findCondition } from '../api/conditions.ts'
import type { Pod } from '../api/generated/core-v1.ts'
import {
  createSimulatedWorld,
  testContainer as container,
  testPod as pod,
} from './testing/simulated-world.ts'
import type { Runtime } from './runtime/runtime.ts'
import type { SimulatedWorld } from './testing/simulated-world.ts'

const worlds: SimulatedWorld[] = []

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world[Symbol.asyncDispose]()))
})

function createWorld(overrides: Partial<Runtime> = {}): SimulatedWorld {
  const world = createSimulatedWorld(overrides)
  worlds.push(world)
  return world
}

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

describe('the kubelet', () => {
  it('takes over running pods after its restart and counts no restart', async () => {
    const { api, boot, eventually, network, clock } = createWorld()
    const kubelet = await boot()
    const uid = api.createPod(pod()).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const before = api.pod(uid)!.status
    await kubelet.stop({ containers: 'keep' })
    network.addresses.clear()
    await boot()
    await clock.advance(5_000)
    await eventually(() => network.addresses.get(uid) === '10.244.0.2')
    expect(api.pod(uid)!.status).toEqual(before)
  })

  it('ends pods that were deleted while it was away', async () => {
    const { api, boot, eventually, runtime } = createWorld()
    const kubelet = await boot()
    const uid = api.createPod(pod()).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    await kubelet.stop({ containers: 'keep' })
    api.pods.delete(uid)
    await boot()
    let left = 1
    await eventually(() => {
      void runtime.listSandboxes(uid).then(({ length }) => (left = length))
      return left === 0
    })
    expect(await runtime.listContainers(uid)).toEqual([])
  })

  it('stops containers at its end when asked to, and starts them again', async () => {
    const { api, boot, eventually, runtime } = createWorld()
    const kubelet = await boot()
    const uid = api.createPod(pod()).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    await kubelet.stop({ containers: 'stop' })
    expect((await runtime.listContainers(uid))[0]?.state).toBe('exited')
    await boot()
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[0]?.restartCount === 1)
  })

  it('registers its node with heartbeats', async () => {
    const { api, boot, eventually, clock } = createWorld()
    await boot()
    const node = api.nodes.get('node-1')!
    expect(node.metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'node-1',
      'kubernetes.io/os': 'linux',
    })
    expect(node.spec?.podCIDR).toBe('10.244.0.0/24')
    expect(node.status).toMatchObject({
      capacity: { cpu: '8', memory: '32Gi', pods: '110' },
      addresses: [
        { type: 'InternalIP', address: '172.20.0.2' },
        { type: 'Hostname', address: 'node-1' },
      ],
      nodeInfo: { containerRuntimeVersion: 'simulated://1.0.0', kubeletVersion: 'v1.36.0' },
      features: { supplementalGroupsPolicy: true },
      runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: false, userNamespaces: false } }],
      declaredFeatures: ['InPlacePodLevelResourcesVerticalScaling', 'RestartAllContainersOnContainerExits'],
    })
    expect(node.status?.nodeInfo).not.toHaveProperty('swap')
    expect(findCondition(node.status?.conditions, 'Ready')).toMatchObject({
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    })
    const { uid } = api.nodes.get('node-1')!.metadata
    expect(uid).toBeTruthy()
    expect(api.leases.get('node-1')!.metadata.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid },
    ])
    const first = api.leases.get('node-1')!.spec.renewTime
    await clock.advance(10_000)
    await eventually(() => api.leases.get('node-1')!.spec.renewTime !== first)
  })

  it('tells of the largest images alone, and of a few names of each', async () => {
    const images = Array.from({ length: 60 }, (_, at) => ({
      id: `sha256:${at}`,
      tags: Array.from({ length: 9 }, (_one, tag) => `i-${at}:${tag}`),
      digests: [`i-${at}@sha256:${at}`],
      sizeBytes: at,
    }))
    const { api, boot } = createWorld({
      listImages: () => Promise.resolve(images),
      machineInfo: async () => ({
        ...(await createWorld().runtime.machineInfo()),
        diskBytes: 10_000 * 1024 + 7,
        swapBytes: 4096,
      }),
    })
    await boot()
    const { images: told = [], capacity, nodeInfo } = api.nodes.get('node-1')!.status!
    expect(told).toHaveLength(50)
    expect(told[0]).toEqual({
      names: ['i-59@sha256:59', 'i-59:0', 'i-59:1', 'i-59:2', 'i-59:3'],
      sizeBytes: 59,
    })
    expect(capacity?.['ephemeral-storage']).toBe('10000Ki')
    expect(nodeInfo?.swap).toEqual({ capacity: 4096 })
  })

  it('is NotReady without an engine, says so on pods, and recovers by itself', async () => {
    const { api, boot, eventually, runtime } = createWorld()
    runtime.setAvailable(false)
    await boot()
    const ready = () => findCondition(api.nodes.get('node-1')?.status?.conditions, 'Ready')
    expect(ready()).toMatchObject({ status: 'False', reason: 'KubeletNotReady' })
    expect(ready()?.message).toContain('switched off')
    const uid = api.createPod(pod()).metadata.uid!
    await eventually(() => api.events.some(({ reason }) => reason === 'FailedCreatePodSandBox'))
    runtime.setAvailable(true)
    await eventually(() => ready()?.status === 'True', 3_000)
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
  })

  it('answers logs and exec, and refuses them in upstream words', async () => {
    const { api, boot, eventually } = createWorld()
    const { backend } = await boot()
    const uid = api.createPod(pod()).metadata.uid!
    const waitingUid = api.createPod(
      pod({ containers: [container('app', { image: 'missing/app' })] }, { name: 'stuck' }),
    ).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    await eventually(
      () => api.pod(waitingUid)?.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull',
    )
    const target = { namespace: 'default', name: 'web', uid }
    const options = {
      container: 'app',
      follow: false,
      previous: false,
      timestamps: false,
      signal: new AbortController().signal,
    }
    expect(await text(await backend.logs(target, options))).toContain('container app of pod default/web')
    const session = await backend.exec(target, {
      container: 'app',
      command: ['ls'],
      tty: false,
      stdin: false,
    })
    expect(await text(session.stdout)).toContain('nothing was executed (ls)')
    await expect(backend.logs(target, { ...options, previous: true })).rejects.toMatchObject({
      code: 400,
      message: 'previous terminated container "app" in pod "web" not found',
    })
    await expect(
      backend.logs({ namespace: 'default', name: 'stuck', uid: waitingUid }, options),
    ).rejects.toMatchObject({
      message: 'container "app" in pod "stuck" is waiting to start: trying and failing to pull image',
    })
    await expect(
      backend.exec(target, { container: 'nope', command: ['ls'], tty: false, stdin: false }),
    ).rejects.toMatchObject({ code: 404, message: 'container not found ("nope")' })
    await expect(backend.logs({ ...target, name: 'gone' }, options)).rejects.toMatchObject({ code: 404 })
  })
})
