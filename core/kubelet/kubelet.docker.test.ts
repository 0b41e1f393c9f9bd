import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Container, ContainerStatus, Pod, PodSpec } from '../api/generated/core-v1.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { ensureClusterNetwork } from './docker/cluster-network.ts'
import { connectDocker } from './docker/connect.ts'
import { createDockerRuntime } from './docker/docker-runtime.ts'
import { label } from './docker/labels.ts'
import { startNodeAgent } from './docker/node-agent.ts'
import { ensureNodeImage } from './docker/node-image.ts'
import { removeClusterResources } from './docker/remove-cluster.ts'
import { createKubelet } from './kubelet.ts'
import type { Kubelet } from './kubelet.ts'
import type { NodeAgent } from './runtime/node-agent.ts'
import type { Runtime } from './runtime/runtime.ts'
import { createFakeApi } from './testing/fake-api.ts'
import { createFakeNetwork } from './testing/fake-network.ts'
import type { FakeNetwork } from './testing/fake-network.ts'

const docker = connectDocker()
const clusterId = `test-${randomUUID().slice(0, 8)}`
const api = createFakeApi()
let image = ''
let agent: NodeAgent
let runtime: Runtime
let network: FakeNetwork
let networkName = ''
let kubelet: Kubelet

async function boot(): Promise<void> {
  runtime = createDockerRuntime({
    docker,
    cluster: { id: clusterId },
    nodeName: 'node-1',
    network: { name: networkName },
    image: () => Promise.resolve(image),
    agent,
    clock: systemClock,
    log: silentLogger,
  })
  kubelet = createKubelet({
    nodeName: 'node-1',
    api,
    pods: api,
    events: api,
    runtime,
    runtimeName: 'docker',
    network,
    nodeInfo: {
      internalIp: '127.0.0.1',
      podCidr: '10.244.0.0/24',
      kubeletVersion: 'v1.36.0',
      maxPods: 110,
      labels: {},
    },
    clusterDomain: 'cluster.local',
    clock: systemClock,
    log: silentLogger,
  })
  await kubelet.start()
}

async function shutDown(): Promise<void> {
  await kubelet.stop({ containers: 'keep' })
  await runtime.close()
}

beforeAll(async () => {
  const resourcesDirectory = resolve(import.meta.dirname, '../../resources')
  image = await ensureNodeImage({ docker, resourcesDirectory, log: silentLogger })
  const { name, subnet } = await ensureClusterNetwork({ docker, clusterId, log: silentLogger })
  networkName = name
  network = createFakeNetwork(subnet.split('.').slice(0, 2).join('.') + '.1')
  agent = await startNodeAgent({
    docker,
    clusterId,
    nodeName: 'node-1',
    image,
    clock: systemClock,
    log: silentLogger,
  })
  await boot()
})

afterEach(async () => {
  for (const uid of api.pods.keys()) api.requestDeletion(uid, 0, Date.now())
  await eventually(async () => (await listContainers()).length === 0)
})

afterAll(async () => {
  await shutDown()
  await agent.close()
  await removeClusterResources(docker, clusterId)
})

function listContainers(uid?: string) {
  const labels = [`${label.cluster}=${clusterId}`, `${label.podUid}${uid === undefined ? '' : `=${uid}`}`]
  return docker.listContainers({ all: true, filters: { label: labels } })
}

async function eventually(check: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await check())) {
    if (Date.now() > end) {
      const statuses = [...api.pods.values()].map(({ status }) => status)
      throw new Error(
        `timed out: ${check}\n${JSON.stringify(statuses, null, 1)}\n${JSON.stringify(api.events)}`,
      )
    }
    await new Promise((done) => setTimeout(done, 20))
  }
}

function run(name: string, script: string, more: Partial<Container> = {}): Container {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c'],
    args: [script],
    ...more,
  }
}

function create(spec: Partial<PodSpec> & Pick<PodSpec, 'containers'>, name = 'web'): string {
  const pod: Pod = {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'node-1', restartPolicy: 'Always', terminationGracePeriodSeconds: 1, ...spec },
  }
  return api.createPod(pod).metadata.uid!
}

function containerStatus(uid: string): ContainerStatus | undefined {
  return api.pod(uid)?.status?.containerStatuses?.[0]
}

const isRunning = (uid: string) => () => api.pod(uid)?.status?.phase === 'Running'
const isReady = (uid: string, restarts: number) => () =>
  containerStatus(uid)?.ready === true && containerStatus(uid)?.restartCount === restarts

function logsOf(uid: string, container: string, name = 'web'): Promise<string> {
  return kubelet.backend
    .logs(
      { namespace: 'default', name, uid },
      { container, follow: false, previous: false, timestamps: false, signal: new AbortController().signal },
    )
    .then(text)
}

describe('a pod on Docker', () => {
  it('has its containers share localhost, volumes, environment and resolv.conf', async () => {
    api.configMaps.set('default/settings', {
      metadata: { name: 'settings' },
      data: { 'app.conf': 'port=80\n', mode: 'fast' },
    })
    api.secrets.set('default/keys', {
      metadata: { name: 'keys' },
      data: { password: Buffer.from('s3cret').toString('base64') },
    })
    const mounts = [
      { name: 'scratch', mountPath: '/scratch' },
      { name: 'cfg', mountPath: '/etc/app', readOnly: true },
      { name: 'cfg', mountPath: '/single.conf', subPath: 'app.conf', readOnly: true },
      { name: 'keys', mountPath: '/keys' },
      { name: 'access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ]
    const uid = create({
      restartPolicy: 'Never',
      volumes: [
        { name: 'scratch', emptyDir: {} },
        { name: 'cfg', configMap: { name: 'settings' } },
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } },
        {
          name: 'access',
          projected: {
            sources: [
              { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
              {
                downwardAPI: {
                  items: [
                    { path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } },
                    { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
                  ],
                },
              },
            ],
          },
        },
      ],
      initContainers: [run('prepare', 'echo from init > /scratch/note', { volumeMounts: mounts })],
      containers: [
        run('server', 'while ! nc -l -p 8080 -e echo hello; do :; done; sleep 1', {
          volumeMounts: mounts,
        }),
        run('client', '', {
          args: [
            `i=0; while [ $i -lt 50 ] && ! nc 127.0.0.1 8080; do i=$((i+1)); sleep 0.1; done
               cat /scratch/note /etc/app/app.conf /single.conf
               stat -L -c %a /keys/password /scratch; cat /keys/password; echo
               cat /var/run/secrets/kubernetes.io/serviceaccount/token; echo
               cat /var/run/secrets/kubernetes.io/serviceaccount/labels; echo
               cat /etc/resolv.conf; hostname; echo $ME $MODE $LIMIT $KUBERNETES_SERVICE_HOST $0`,
            'zero-$(MODE)',
          ],
          volumeMounts: mounts,
          resources: { limits: { memory: '64Mi', cpu: '500m' } },
          env: [
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'ME', value: 'at-$(IP)' },
            { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
            { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          ],
        }),
      ],
    })
    await eventually(() => api.pod(uid)?.status?.phase === 'Succeeded')
    const { podIP } = api.pod(uid)!.status!
    const log = await logsOf(uid, 'client')
    expect(log).toContain('hello\nfrom init\nport=80\nport=80\n400\n777\ns3cret\n')
    expect(log).toContain('token-of-web-for-api\napp="web"\n')
    expect(log).toContain('nameserver 10.96.0.10\n')
    expect(log).toContain(`web\nat-${podIP} fast 64 10.96.0.1 zero-fast\n`)
  })

  it('is restarted when its container is killed, and keeps the log of the one before', async () => {
    const uid = create({ containers: [run('app', 'echo attempt; sleep 1000')] })
    await eventually(isRunning(uid))
    const before = containerStatus(uid)!
    await docker.getContainer(before.containerID!.replace('docker://', '')).kill()
    await eventually(isReady(uid, 1))
    expect(containerStatus(uid)!.lastState?.terminated).toMatchObject({
      exitCode: 137,
      containerID: before.containerID,
    })
    const previous = await kubelet.backend.logs(
      { namespace: 'default', name: 'web', uid },
      {
        container: 'app',
        follow: false,
        previous: true,
        timestamps: false,
        signal: new AbortController().signal,
      },
    )
    expect(await text(previous)).toBe('attempt\n')
  })

  it('is adopted by the next process: same containers, no restart', async () => {
    const uid = create({ containers: [run('app', 'sleep 1000')] })
    await eventually(isReady(uid, 0))
    const before = (await listContainers(uid)).map(({ Id }) => Id).sort()
    const status = api.pod(uid)!.status
    await shutDown()
    network.addresses.clear()
    await boot()
    await eventually(() => network.setUps.filter((podUid) => podUid === uid).length === 2)
    expect(network.addresses.get(uid)).toBe(status!.podIP)
    expect((await listContainers(uid)).map(({ Id }) => Id).sort()).toEqual(before)
    expect(api.pod(uid)!.status).toEqual(status)
  })

  it('gets a new sandbox when the old one was killed, with the same address', async () => {
    const uid = create({ containers: [run('app', 'sleep 1000')] })
    await eventually(isReady(uid, 0))
    const { podIP } = api.pod(uid)!.status!
    const [sandbox] = await runtime.listSandboxes(uid)
    await docker.getContainer(sandbox!.id).kill()
    await eventually(isReady(uid, 1))
    expect(api.pod(uid)!.status!.podIP).toBe(podIP)
    expect(await runtime.listSandboxes(uid)).toMatchObject([{ attempt: 1, state: 'ready' }])
  })

  it('says why a command cannot run', async () => {
    const uid = create({ containers: [run('app', '', { command: ['/no/such/program'] })] })
    await eventually(() => containerStatus(uid)?.lastState?.terminated?.reason === 'ContainerCannotRun')
    expect(containerStatus(uid)!.lastState!.terminated!.exitCode).toBe(127)
    expect(containerStatus(uid)!.state?.waiting?.reason).toMatch(/RunContainerError|CrashLoopBackOff/)
    expect(
      api.events.some(({ reason, message }) => reason === 'Failed' && message.includes('/no/such/program')),
    ).toBe(true)
  })

  it('serves exec and port-forward', async () => {
    const uid = create({ containers: [run('app', 'while true; do nc -l -p 9000 -e cat; done')] })
    await eventually(isReady(uid, 0))
    const target = { namespace: 'default', name: 'web', uid }
    const session = await kubelet.backend.exec(target, {
      container: 'app',
      command: ['/bin/sh', '-c', 'echo $((40+2)); exit 4'],
      tty: false,
      stdin: false,
    })
    expect(await text(session.stdout)).toBe('42\n')
    expect(await session.exit).toBe(4)
    const stream = await kubelet.backend.portForward(target, 9000)
    stream.write('ping\n')
    const [answer] = (await once(stream, 'data')) as [Buffer]
    expect(String(answer)).toBe('ping\n')
    stream.destroy()
    await expect(kubelet.backend.portForward(target, 9001)).rejects.toMatchObject({
      message: expect.stringContaining('refused'),
    })
  })

  it('becomes ready by httpGet and is restarted by liveness', async () => {
    const answer = "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok'"
    const script = `while [ ! -e /tmp/stop ]; do nc -l -p 8080 -e sh -c "read x; ${answer.replaceAll('"', '\\"').replaceAll('\\\\', '\\\\\\\\')}"; done; sleep 1000`
    const uid = create({
      containers: [
        run('app', script, {
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, timeoutSeconds: 2 },
          livenessProbe: { exec: { command: ['test', '!', '-e', '/tmp/bad'] }, periodSeconds: 1 },
        }),
      ],
    })
    await eventually(isReady(uid, 0))
    const session = await kubelet.backend.exec(
      { namespace: 'default', name: 'web', uid },
      { container: 'app', command: ['touch', '/tmp/bad'], tty: false, stdin: false },
    )
    await session.exit
    await eventually(isReady(uid, 1))
    expect(api.events.map(({ message }) => message)).toContain(
      'Container app failed liveness probe, will be restarted',
    )
  })

  it('leaves nothing behind', async () => {
    const uid = create({
      volumes: [
        { name: 'scratch', emptyDir: {} },
        { name: 'ram', emptyDir: { medium: 'Memory' } },
      ],
      containers: [
        run('app', 'sleep 1000', {
          volumeMounts: [
            { name: 'scratch', mountPath: '/a' },
            { name: 'ram', mountPath: '/b' },
          ],
        }),
      ],
    })
    await eventually(isRunning(uid))
    expect(await runtime.listVolumeOwners()).toContain(uid)
    api.requestDeletion(uid, 1, Date.now())
    await eventually(() => api.pod(uid) === undefined)
    expect(await listContainers(uid)).toEqual([])
    expect(await runtime.listVolumeOwners()).not.toContain(uid)
    expect(network.addresses.has(uid)).toBe(false)
  })
})
