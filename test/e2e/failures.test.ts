import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container, Pod, PodSpec } from '../../core/api/generated/core-v1.ts'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-failures-'))
let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-failures'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  await eventually('the namespace has its account', () => kubectl(['get', 'serviceaccount', 'default']))
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
  rmSync(directory, { recursive: true })
})

/** A container of a script. */
function shell(script: string, more: Partial<Container> = {}): Container {
  const image = 'wheelhouse-test/busybox:latest'
  return { name: 'app', image, imagePullPolicy: 'Never', command: ['sh', '-c', script], ...more }
}

async function create(name: string, container: Container, more: Partial<PodSpec> = {}): Promise<void> {
  const file = join(directory, `${name}.json`)
  const spec: PodSpec = { terminationGracePeriodSeconds: 1, containers: [container], ...more }
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }))
  await kubectl(['apply', '-f', file])
}

async function read(name: string): Promise<Pod> {
  return JSON.parse(await kubectl(['get', 'pod', name, '-o', 'json'])) as Pod
}

/** Waits until kubectl shows the pod in this state, as its column STATUS does. */
async function becomes(name: string, state: string): Promise<Pod> {
  return eventually(
    `${name} is ${state}`,
    async () => {
      const before = await read(name)
      const shown = await kubectl(['get', 'pod', name, '--no-headers'])
      if (shown.split(/\s+/)[2] !== state) throw new Error(shown)
      // Such states come and go: what is returned must be what was shown.
      const after = await read(name)
      return after.metadata.resourceVersion === before.metadata.resourceVersion && after
    },
    120_000,
  )
}

/** Waits until `kubectl describe` tells of an event. */
async function tells(name: string, event: RegExp): Promise<void> {
  await eventually(`an event of ${name}: ${event}`, async () => {
    const described = await kubectl(['describe', 'pod', name])
    if (event.test(described)) return true
    throw new Error(described.slice(described.indexOf('Events:')))
  })
}

const first = (pod: Pod): NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number] =>
  pod.status!.containerStatuses![0]!

describe('a pod that fails shows upstream’s status and events:', () => {
  it('CrashLoopBackOff', async () => {
    await create('crash', shell('echo no config; exit 3'))
    const pod = await becomes('crash', 'CrashLoopBackOff')
    const { uid } = pod.metadata
    expect(pod.status?.phase).toBe('Running')
    expect(first(pod)).toMatchObject({
      ready: false,
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: expect.stringMatching(
            new RegExp(
              `^back-off (10|20|40|80)s restarting failed container=app pod=crash_default\\(${uid}\\)$`,
            ),
          ),
        },
      },
    })
    await tells(
      'crash',
      /Warning\s+BackOff\s.*Back-off restarting failed container app in pod crash_default\(/,
    )
    expect(await kubectl(['logs', 'crash', '--previous'])).toBe('no config\n')
  })

  it('ImagePullBackOff', async () => {
    const image = 'localhost:1/nothing/here:v1'
    await create('pull', { name: 'app', image })
    const pod = await becomes('pull', 'ImagePullBackOff')
    expect(pod.status?.phase).toBe('Pending')
    expect(first(pod).state?.waiting?.message).toMatch(
      /^Back-off pulling image "localhost:1\/nothing\/here:v1": ErrImagePull: /,
    )
    await tells('pull', /Normal\s+Pulling\s.*Pulling image "localhost:1\/nothing\/here:v1"/)
    await tells('pull', /Warning\s+Failed\s.*Failed to pull image "localhost:1\/nothing\/here:v1": /)
    await tells('pull', /Warning\s+Failed\s.*Error: ErrImagePull/)
    await tells('pull', /Normal\s+BackOff\s.*Back-off pulling image "localhost:1\/nothing\/here:v1"/)
    await tells('pull', /Warning\s+Failed\s.*Error: ImagePullBackOff/)
  })

  it('ErrImageNeverPull and InvalidImageName', async () => {
    await create('never', { name: 'app', image: 'not/here:1', imagePullPolicy: 'Never' })
    await create('invalid', { name: 'app', image: 'Not-An-Image' })
    expect(first(await becomes('never', 'ErrImageNeverPull')).state?.waiting?.message).toBe(
      'Container image "not/here:1" is not present with pull policy of Never',
    )
    expect(first(await becomes('invalid', 'InvalidImageName')).state?.waiting?.message).toBe(
      'Failed to apply default image tag "Not-An-Image": couldn\'t parse image name "Not-An-Image": invalid reference format: repository name (library/Not-An-Image) must be lowercase',
    )
    await tells('invalid', /Warning\s+InspectFailed\s.*Failed to apply default image tag "Not-An-Image": /)
  })

  it('OOMKilled', async () => {
    const resources = { limits: { memory: '16Mi' } }
    const script = 'x=a; while :; do x=$x$x; done'
    await create('oom', shell(script, { resources }), { restartPolicy: 'Never' })
    const pod = await becomes('oom', 'OOMKilled')
    expect(pod.status?.phase).toBe('Failed')
    expect(first(pod).state?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })

  it('Pending, with what the scheduler lacks', async () => {
    await create('big', shell('sleep 600', { resources: { requests: { cpu: '1000' } } }))
    await create('picky', shell('sleep 600'), { nodeSelector: { disk: 'ssd' } })
    const condition = async (name: string): Promise<unknown> =>
      (await read(name)).status?.conditions?.find(({ type }) => type === 'PodScheduled')
    await eventually('the scheduler has its say', async () => (await condition('picky')) !== undefined)
    await becomes('big', 'Pending')
    await tells(
      'big',
      /Warning\s+FailedScheduling\s.*default-scheduler\s+0\/1 nodes are available: 1 Insufficient cpu\./,
    )
    expect(await condition('picky')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: expect.stringMatching(
        /^0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector\./,
      ),
    })
  })

  it('Evicted', async () => {
    const volumeMounts = [{ name: 'scratch', mountPath: '/scratch' }]
    const script = 'dd if=/dev/zero of=/scratch/file bs=1M count=8; sleep 600'
    await create('full', shell(script, { volumeMounts }), {
      volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }],
    })
    const pod = await becomes('full', 'Evicted')
    const message = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". '
    expect(pod.status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message })
    expect(pod.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }),
    )
    await tells('full', /Warning\s+Evicted\s.*Usage of EmptyDir volume "scratch" exceeds the limit "1Mi"/)
  })

  it('a failed liveness probe', async () => {
    const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 }
    await create('unhealthy', shell('sleep 600', { livenessProbe }))
    await tells('unhealthy', /Warning\s+Unhealthy\s.*Liveness probe failed:/)
    await tells('unhealthy', /Normal\s+Killing\s.*Container app failed liveness probe, will be restarted/)
    await eventually('it was restarted', async () => first(await read('unhealthy')).restartCount > 0)
  })

  it('CreateContainerConfigError', async () => {
    await create('unconfigured', shell('sleep 600', { envFrom: [{ configMapRef: { name: 'settings' } }] }))
    const pod = await becomes('unconfigured', 'CreateContainerConfigError')
    expect(first(pod).state?.waiting?.message).toBe('configmap "settings" not found')
    await tells('unconfigured', /Warning\s+Failed\s.*Error: configmap "settings" not found/)
    await kubectl(['create', 'configmap', 'settings', '--from-literal=a=b'])
    await becomes('unconfigured', 'Running')
  })

  it('and leaves its log for a day when it is deleted', async () => {
    await create('gone', shell('echo last words; sleep 600'))
    const { uid } = (await becomes('gone', 'Running')).metadata
    await eventually('it has spoken', () => kubectl(['logs', 'gone']).then(Boolean))
    await kubectl(['delete', 'pod', 'gone'])
    const file = join(cluster.dataDirectory, 'pod-logs', `default_gone_${uid}`, 'app', '0.log')
    expect(readFileSync(file, 'utf8')).toMatch(/^\S+Z last words\n$/)
  })

  it('a command that is not there', async () => {
    await create('lost', { ...shell(''), command: ['/no/such/program'] }, { restartPolicy: 'Never' })
    const pod = await becomes('lost', 'StartError')
    expect(first(pod).state?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message: expect.stringContaining('/no/such/program'),
    })
    await tells('lost', /Warning\s+Failed\s.*Error: .*\/no\/such\/program/)
    await create('looping', { ...shell(''), command: ['/no/such/program'] })
    await eventually('it is tried again', async () => {
      const { state } = first(await read('looping'))
      return state?.waiting?.reason === 'RunContainerError' || state?.waiting?.reason === 'CrashLoopBackOff'
    })
  })
})
