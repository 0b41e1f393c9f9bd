import { describe, expect, it } from 'vitest'
import { findCondition } from '../../api/conditions.ts'
import type { PodSpec } from '../../api/generated/core-v1.ts'
import type { ContainerSpec } from '../runtime/specs.ts'
import { testContainer, testPod } from '../testing/simulated-world.ts'
import { useSimulatedWorlds } from '../testing/use-simulated-worlds.ts'

const { createWorld } = useSimulatedWorlds()

describe('a pod the node cannot run as it asks', () => {
  const cases: Array<[string, string, Partial<PodSpec>]> = [
    [
      'SysctlForbidden',
      'forbidden sysctl: "kernel.msgmax" not allowlisted',
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
    ],
    [
      'SysctlForbidden',
      'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
      { hostNetwork: true, securityContext: { sysctls: [{ name: 'net/ipv4/tcp_syncookies', value: '1' }] } },
    ],
    [
      'AppArmor',
      'Cannot enforce AppArmor: AppArmor is not enabled on the host',
      { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
    ],
  ]
  it.each(cases)('fails with %s: %s', async (reason, message, spec) => {
    const { api, boot, eventually, runtime } = createWorld()
    await boot()
    const uid = api.createPod(testPod(spec)).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Failed')
    expect(api.pod(uid)!.status).toMatchObject({ reason, message: `Pod was rejected: ${message}` })
    expect(api.events.find((event) => event.reason === reason)).toMatchObject({ type: 'Warning', message })
    expect(await runtime.listSandboxes(uid)).toEqual([])
  })
})

describe('a mount', () => {
  it('is told in the status, and that it is not read-only all the way down', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const volumeMounts = [
      { name: 'v', mountPath: '/rw' },
      { name: 'v', mountPath: '/ro', readOnly: true, recursiveReadOnly: 'IfPossible' },
    ]
    const spec = {
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [testContainer('app', { volumeMounts })],
    }
    const uid = api.createPod(testPod(spec)).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    expect(api.pod(uid)?.status?.containerStatuses?.[0]?.volumeMounts).toEqual([
      { name: 'v', mountPath: '/rw' },
      { name: 'v', mountPath: '/ro', readOnly: true, recursiveReadOnly: 'Disabled' },
    ])
  })
})

describe('an ephemeral container', () => {
  it('starts in a running pod, sees the processes of its target, and never starts again', async () => {
    const specs: ContainerSpec[] = []
    const world = createWorld()
    const { api, boot, eventually, clock, runtime } = world
    const { createContainer } = runtime
    runtime.createContainer = (spec) => {
      specs.push(spec)
      return createContainer(spec)
    }
    await boot()
    const created = api.createPod(testPod())
    const uid = created.metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const target = (await runtime.listContainers(uid))[0]!
    const current = api.pod(uid)!
    const debug = { ...testContainer('debug'), targetContainerName: 'app', stdin: true, tty: true }
    api.createPod({ ...current, spec: { ...current.spec, ephemeralContainers: [debug] } })
    const status = () => api.pod(uid)?.status?.ephemeralContainerStatuses?.[0]
    await eventually(() => status()?.state?.running !== undefined)
    expect(status()).toMatchObject({ name: 'debug', ready: false, restartCount: 0 })
    expect(specs.at(-1)).toMatchObject({ name: 'debug', pid: { containerId: target.id }, tty: true })
    expect(api.events.at(-1)).toMatchObject({
      reason: 'Started',
      involved: { fieldPath: 'spec.ephemeralContainers{debug}' },
    })
    const running = (await runtime.listContainers(uid)).find(({ name }) => name === 'debug')!
    runtime.crashContainer(running.id, 3)
    await eventually(() => status()?.state?.terminated?.exitCode === 3)
    await clock.advance(60_000)
    expect(specs.filter(({ name }) => name === 'debug')).toHaveLength(1)
    expect(api.pod(uid)!.status!.phase).toBe('Running')
    api.requestDeletion(uid, 5, clock.now())
    await eventually(() => api.pod(uid) === undefined)
  })

  it('says when its target does not run', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const created = api.createPod(testPod())
    const uid = created.metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    const current = api.pod(uid)!
    const debug = { ...testContainer('debug'), targetContainerName: 'gone' }
    api.createPod({ ...current, spec: { ...current.spec, ephemeralContainers: [debug] } })
    const waiting = () => api.pod(uid)?.status?.ephemeralContainerStatuses?.[0]?.state?.waiting
    await eventually(() => waiting()?.message === 'unable to find target container gone')
  })
})

describe('an emptyDir with a size limit', () => {
  it('that is outgrown gets the pod evicted', async () => {
    let bytes = 1_000
    const { api, boot, eventually, clock } = createWorld({
      volumeUsage: async () => new Map([['scratch', bytes]]),
    })
    await boot()
    const volumes = [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }]
    const uid = api.createPod(testPod({ volumes })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    await clock.advance(30_000)
    expect(api.pod(uid)!.status!.phase).toBe('Running')
    bytes = 2 ** 21
    await eventually(() => api.pod(uid)?.status?.phase === 'Failed')
    const message = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". '
    expect(api.pod(uid)!.status).toMatchObject({ reason: 'Evicted', message })
    expect(findCondition(api.pod(uid)!.status!.conditions, 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
      message,
    })
    expect(api.events.find(({ reason }) => reason === 'Evicted')?.message).toBe(message)
    expect(api.pod(uid)!.status!.containerStatuses![0]!.state!.terminated).toBeDefined()
  })

  it('in memory takes the smallest of its own, the pod’s and the node’s bounds', async () => {
    const sizes: Array<number | undefined> = []
    const world = createWorld()
    const { api, boot, eventually, runtime } = world
    const { runSandbox } = runtime
    runtime.runSandbox = (spec) => {
      sizes.push(...spec.volumes.map(({ sizeLimitBytes }) => sizeLimitBytes))
      return runSandbox(spec)
    }
    await boot()
    const volumes = [
      { name: 'own', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'pods', emptyDir: { medium: 'Memory' } },
    ]
    const containers = [testContainer('app', { resources: { limits: { memory: '64Mi' } } })]
    const uid = api.createPod(testPod({ volumes, containers })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Running')
    expect(sizes).toEqual([2 ** 20, 2 ** 26])
  })
})

describe('termination messages', () => {
  it('of all containers together are cut to what the API takes', async () => {
    const long = 'x'.repeat(10_000)
    const world = createWorld()
    const { api, boot, eventually, runtime } = world
    const { listContainers } = runtime
    runtime.listContainers = async (uid) =>
      (await listContainers(uid)).map((status) =>
        status.state === 'exited' ? { ...status, message: long } : status,
      )
    await boot()
    const annotations = { 'simulated.wheelhouse.dev/exit-code': '1' }
    const containers = [testContainer('one'), testContainer('two')]
    const uid = api.createPod(testPod({ containers, restartPolicy: 'Never' }, { annotations })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Failed')
    const lengths = api
      .pod(uid)!
      .status!.containerStatuses!.map(({ state }) => state?.terminated?.message?.length)
    expect(lengths).toEqual([6144, 6144])
  })
})

describe('restart policies of single containers', () => {
  const ends = (code: string) => ({
    'simulated.wheelhouse.dev/run-for': '1s',
    'simulated.wheelhouse.dev/exit-code': code,
  })

  it('win over the pod’s', async () => {
    const { api, boot, eventually, clock } = createWorld()
    await boot()
    const containers = [
      testContainer('once', { restartPolicy: 'Never' }),
      testContainer('again', { restartPolicy: 'OnFailure' }),
    ]
    const uid = api.createPod(testPod({ containers }, { annotations: ends('4') })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.containerStatuses?.[1]?.restartCount === 2, 60_000)
    expect(api.pod(uid)!.status).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 4 } } }, {}],
    })
    await clock.advance(1_000)
  })

  it('may depend on the exit code', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const rule = (operator: string) => ({
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values: [42] } }],
    })
    const spec = { restartPolicy: 'Never', containers: [testContainer('app', rule('In'))] }
    const again = api.createPod(testPod(spec, { annotations: ends('42') })).metadata.uid!
    const other = { ...spec, containers: [testContainer('app', rule('NotIn'))] }
    const over = api.createPod(testPod(other, { name: 'over', annotations: ends('42') })).metadata.uid!
    await eventually(() => api.pod(again)?.status?.containerStatuses?.[0]?.restartCount === 1)
    await eventually(() => api.pod(over)?.status?.phase === 'Failed')
    expect(api.pod(again)!.status!.phase).toBe('Running')
  })

  it('of an init container that may not fail end the pod', async () => {
    const { api, boot, eventually } = createWorld()
    await boot()
    const initContainers = [testContainer('prepare', { restartPolicy: 'Never' })]
    const uid = api.createPod(testPod({ initContainers }, { annotations: ends('1') })).metadata.uid!
    await eventually(() => api.pod(uid)?.status?.phase === 'Failed')
    expect(api.pod(uid)!.status!.initContainerStatuses![0]).toMatchObject({ restartCount: 0, ready: false })
  })
})
