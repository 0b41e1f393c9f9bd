import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { findCondition } from '../api/conditions.ts'
import { testContainer as container, testPod as pod } from './testing/simulated-world.ts'
import { useSimulatedWorlds } from './testing/use-simulated-worlds.ts'

const { createWorld } = useSimulatedWorlds()

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
