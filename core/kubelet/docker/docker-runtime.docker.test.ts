import { randomInt, randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { createNodeNetwork } from './node-network.ts'
import type { NodeAgent } from '../runtime/node-agent.ts'
import type { ContainerSpec, Runtime, RuntimeChange, SandboxSpec } from '../runtime/runtime.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import { connectDocker } from './connect.ts'
import { createDockerRuntime } from './docker-runtime.ts'
import { label } from './labels.ts'
import { ensureNodeImage } from './node-image.ts'
import { removeClusterResources } from './remove-cluster.ts'

const docker = connectDocker()
const clusterId = `test-${randomUUID().slice(0, 8)}`
const network = `wh-${clusterId}`
const owner = { clusterId, nodeName: 'node-1' }
let image = ''
let runtime: Runtime

/** Enters by docker exec what the real agent enters by nsenter; the agent has tests of its own. */
const agent: NodeAgent = {
  applyRules: () => Promise.resolve(),
  writeFiles: () => Promise.resolve(),
  writePayloads: () => Promise.resolve(),
  setGroups: () => Promise.resolve(),
  resolveSubPaths: (_pid, subPaths) => Promise.resolve(subPaths.map(({ root, path }) => `${root}/${path}`)),
  readFile: () => Promise.resolve(undefined),
  measure: () => Promise.resolve(new Map()),
  hostFacts: () => Promise.resolve({}),
  logBytes: () => Promise.resolve(new Map()),
  measureUsage: () => Promise.resolve(undefined),
  limitGroup: () => Promise.resolve(),
  removeGroup: () => Promise.resolve(),
  overwriteFile: () => Promise.resolve(),
  dial: () => Promise.reject(new Error('no agent in this test')),
  close: () => Promise.resolve(),
}

function open(): Runtime {
  return createDockerRuntime({
    docker,
    cluster: { id: clusterId },
    nodeName: owner.nodeName,
    network: { name: network },
    image: () => Promise.resolve(image),
    nodeNetwork: createNodeNetwork({
      docker,
      owner,
      image,
      network,
      ip: `${prefix}.1`,
      setUp: async () => {},
      tearDown: () => undefined,
    }),
    agent,
    clock: systemClock,
    log: silentLogger,
  })
}

/** Beside what clusters take; by chance, so that another run of this test may go on at the same time. */
const prefix = `10.199.${randomInt(256)}`
let lastAddress = 9

function sandboxSpec(overrides: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    pod: { uid: randomUUID(), name: 'web', namespace: 'default' },
    attempt: 0,
    hostname: 'web',
    ip: `${prefix}.${++lastAddress}`,
    hostNetwork: false,
    hostPid: false,
    hostIpc: false,
    resolvConf: 'nameserver 10.96.0.10\n',
    hostsFile: '127.0.0.1\tlocalhost\n',
    labels: {},
    annotations: {},
    volumes: [],
    ...overrides,
  }
}

function containerSpec(sandbox: { id: string; pod: SandboxSpec['pod'] }, script: string): ContainerSpec {
  return {
    pod: sandbox.pod,
    sandboxId: sandbox.id,
    name: 'app',
    attempt: 0,
    image,
    command: ['/bin/sh', '-c'],
    args: [script],
    env: ['GREETING=hello'],
    tty: false,
    stdin: false,
    mounts: [],
    privileged: false,
    readOnlyRootFilesystem: false,
    noNewPrivileges: false,
    specHash: 'a1',
    labels: {},
  }
}

async function runToEnd(spec: ContainerSpec): Promise<string> {
  const id = await runtime.createContainer(spec)
  await runtime.startContainer(id)
  await docker.getContainer(id).wait()
  return id
}

function readLogs(id: string, options: Partial<Parameters<Runtime['logs']>[1]> = {}): Promise<Readable> {
  return runtime.logs(id, {
    follow: false,
    timestamps: false,
    signal: new AbortController().signal,
    ...options,
  })
}

beforeAll(async () => {
  image = await ensureNodeImage({
    docker,
    resourcesDirectory: resolve(import.meta.dirname, '../../../resources'),
    log: silentLogger,
  })
  await docker.createNetwork({
    Name: network,
    IPAM: { Driver: 'default', Config: [{ Subnet: `${prefix}.0/24` }] },
    Labels: { [label.cluster]: clusterId },
  })
  runtime = open()
})

afterAll(async () => {
  await runtime.close()
  await removeClusterResources(docker, clusterId)
})

describe('the Docker runtime', () => {
  it('describes engine and machine', async () => {
    await runtime.ping()
    expect(await runtime.version()).toMatchObject({ name: 'docker' })
    const machine = await runtime.machineInfo()
    expect(machine.cpus).toBeGreaterThan(0)
    expect(machine.memoryBytes).toBeGreaterThan(2 ** 28)
    expect(machine.architecture).toMatch(/^(amd64|arm64|arm)$/)
  })

  it('runs a sandbox with its own address and hostname, shared by its containers', async () => {
    const spec = sandboxSpec()
    const sandbox = await runtime.runSandbox(spec)
    expect(sandbox).toMatchObject({ state: 'ready', ip: spec.ip, pod: spec.pod, attempt: 0 })
    expect(sandbox.pid).toBeGreaterThan(0)
    const id = await runToEnd(
      containerSpec(sandbox, 'hostname; ip -4 -o addr show eth0; echo $GREETING; echo oops >&2'),
    )
    const log = await text(await readLogs(id))
    expect(log).toContain('web\n')
    expect(log).toContain(`${spec.ip}/24`)
    expect(log).toContain('hello\n')
    expect(log).toContain('oops\n')
    expect(await runtime.runSandbox(spec)).toMatchObject({ id: sandbox.id })
  })

  it('runs privileged containers as far as the engine lets it', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const id = await runToEnd({
      ...containerSpec(
        sandbox,
        'mount -t tmpfs none /mnt 2>&1 || mkdir /mnt && mount -t tmpfs none /mnt && echo mounted',
      ),
      privileged: true,
    })
    expect(await text(await readLogs(id))).toContain('mounted')
  })

  it('tells how containers ended', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const good = await runToEnd(containerSpec(sandbox, 'exit 0'))
    expect(await runtime.containerStatus(good)).toMatchObject({
      state: 'exited',
      exitCode: 0,
      reason: 'Completed',
      name: 'app',
      specHash: 'a1',
    })
    const bad = await runToEnd({ ...containerSpec(sandbox, 'exit 7'), attempt: 1 })
    expect(await runtime.containerStatus(bad)).toMatchObject({ exitCode: 7, reason: 'Error', attempt: 1 })
    const hungry = await runToEnd({
      ...containerSpec(sandbox, 'x=x; while true; do x=$x$x; done'),
      attempt: 2,
      memoryLimitBytes: 16 * 2 ** 20,
    })
    expect(await runtime.containerStatus(hungry)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })

    const broken = { ...containerSpec(sandbox, ''), attempt: 3, command: ['/no/such/program'] }
    const id = await runtime.createContainer(broken)
    const error = await runtime.startContainer(id).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(RuntimeError)
    expect(error).toMatchObject({ reason: 'RunContainerError' })
    expect((error as Error).message).toContain('no such file or directory')
    expect(await runtime.containerStatus(id)).toMatchObject({
      state: 'exited',
      exitCode: 128,
      reason: 'StartError',
    })
    const listed = await runtime.listContainers(sandbox.pod.uid)
    expect(listed.map(({ attempt }) => attempt).sort()).toEqual([0, 1, 2, 3])
  })

  it('creates the same container once, and a new one in place of a leftover', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const spec = containerSpec(sandbox, 'sleep 1000')
    const first = await runtime.createContainer(spec)
    expect(await runtime.createContainer(spec)).toBe(first)
    const changed = await runtime.createContainer({ ...spec, specHash: 'b2' })
    expect(changed).not.toBe(first)
    expect(await runtime.containerStatus(first)).toBeUndefined()
  })

  it('mounts volumes with their modes, whole and by sub-path, and removes them with the pod', async () => {
    const spec = sandboxSpec({
      volumes: [
        { name: 'scratch', kind: 'disk', mode: 0o777 },
        { name: 'fast', kind: 'memory', mode: 0o1777, sizeLimitBytes: 1 << 20 },
        { name: 'host', kind: 'hostPath', mode: 0o755, hostPath: '/etc' },
      ],
    })
    const sandbox = await runtime.runSandbox(spec)
    const whole = { volume: 'scratch', path: '/scratch', readOnly: false }
    // The real agent makes a sub-path that is missing.
    const maker = await runToEnd({
      ...containerSpec(sandbox, 'umask 022; mkdir -p /scratch/deep/er'),
      mounts: [whole],
      attempt: 1,
    })
    const id = await runToEnd({
      ...containerSpec(
        sandbox,
        'stat -c %a /scratch /fast /sub; df -k /fast | tail -n 1; cat /host/hostname; echo x > /scratch/f && cat /scratch/f; echo y > /fast/g || echo read-only',
      ),
      mounts: [
        whole,
        { volume: 'scratch', path: '/sub', readOnly: false, subPath: 'deep/er' },
        { volume: 'fast', path: '/fast', readOnly: true },
        { volume: 'host', path: '/host', readOnly: true },
      ],
    })
    const log = await text(await readLogs(id))
    expect(log).toContain('777\n1777\n755\n')
    expect(log).toContain('1024')
    expect(log).toContain('x\n')
    expect(log).toContain('read-only')
    expect(await runtime.listVolumeOwners()).toContain(spec.pod.uid)
    await runtime.removeContainer(maker)
    await runtime.removeContainer(id)
    await runtime.stopSandbox(sandbox.id)
    await runtime.removeSandbox(sandbox.id)
    await runtime.removeVolumes(spec.pod.uid)
    expect(await runtime.listVolumeOwners()).not.toContain(spec.pod.uid)
    expect(await runtime.listSandboxes(spec.pod.uid)).toEqual([])
  })

  it('gives logs with tail, timestamps, byte limit and follow', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const id = await runToEnd(containerSpec(sandbox, 'for i in 1 2 3 4 5; do echo line $i; done'))
    expect(await text(await readLogs(id, { tailLines: 2 }))).toBe('line 4\nline 5\n')
    expect(await text(await readLogs(id, { limitBytes: 8 }))).toBe('line 1\nl')
    expect(await text(await readLogs(id, { tailLines: 1, timestamps: true }))).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line 5\n$/,
    )
    expect(await text(await readLogs(id, { sinceTime: new Date(Date.now() + 60_000).toISOString() }))).toBe(
      '',
    )
    const following = { ...containerSpec(sandbox, 'echo one; sleep 0.3; echo two'), attempt: 1 }
    const running = await runtime.createContainer(following)
    await runtime.startContainer(running)
    expect(await text(await readLogs(running, { follow: true }))).toBe('one\ntwo\n')
    const endless = { ...containerSpec(sandbox, 'echo up; sleep 1000'), attempt: 2 }
    const forever = await runtime.createContainer(endless)
    await runtime.startContainer(forever)
    const abort = new AbortController()
    const stream = await readLogs(forever, { follow: true, signal: abort.signal })
    stream.once('data', () => abort.abort())
    expect(await text(stream)).toBe('up\n')
  })

  it('executes commands: output apart, input, exit code, terminal size', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const id = await runtime.createContainer(containerSpec(sandbox, 'sleep 1000'))
    await runtime.startContainer(id)
    const plain = await runtime.exec(id, {
      command: ['/bin/sh', '-c', 'cat; echo err >&2; exit 3'],
      tty: false,
      stdin: true,
    })
    plain.stdin.end('from stdin\n')
    expect(await Promise.all([text(plain.stdout), text(plain.stderr)])).toEqual(['from stdin\n', 'err\n'])
    expect(await plain.exit).toBe(3)

    const terminal = await runtime.exec(id, { command: ['/bin/sh'], tty: true, stdin: true })
    terminal.resize({ width: 123, height: 45 })
    terminal.stdin.write('until stty size | grep 123; do sleep 0.1; done; exit\n')
    expect(await text(terminal.stdout)).toContain('45 123')
    expect(await terminal.exit).toBe(0)
    await runtime.stopContainer(id, 0)
    const refused = await runtime
      .exec(id, { command: ['true'], tty: false, stdin: false })
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RuntimeError)
  })

  it('attaches to the main process', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const id = await runtime.createContainer({
      ...containerSpec(sandbox, 'read line; echo got $line'),
      stdin: true,
    })
    await runtime.startContainer(id)
    const session = await runtime.attach(id, { tty: false, stdin: true })
    session.stdin.write('word\n')
    expect(await text(session.stdout)).toBe('got word\n')
    expect(await session.exit).toBeUndefined()
  })

  it('ends at once what is attached to a container that has just ended', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    for (const tty of [false, true]) {
      const spec = containerSpec(sandbox, 'echo over')
      const id = await runToEnd({ ...spec, tty, attempt: tty ? 1 : 0 })
      const session = await runtime.attach(id, { tty, stdin: false })
      expect(await Promise.all([text(session.stdout), text(session.stderr)])).toEqual(['', ''])
      expect(await session.exit).toBeUndefined()
    }
  })

  it('stops gracefully first and kills after the grace period', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const script = "trap 'exit 5' TERM; echo armed; while true; do sleep 0.1; done"
    const first = await runtime.createContainer(containerSpec(sandbox, script))
    await runtime.startContainer(first)
    await expect.poll(async () => text(await readLogs(first))).toBe('armed\n')
    await runtime.stopContainer(first, 60)
    expect(await runtime.containerStatus(first)).toMatchObject({ exitCode: 5 })
    const stubborn = { ...containerSpec(sandbox, "trap '' TERM; while true; do sleep 0.1; done"), attempt: 1 }
    const second = await runtime.createContainer(stubborn)
    await runtime.startContainer(second)
    await runtime.stopContainer(second, 1)
    expect(await runtime.containerStatus(second)).toMatchObject({ exitCode: 137 })
    await runtime.stopContainer(second, 1)
  })

  it('reports changes of its own node only', async () => {
    const seen: RuntimeChange[] = []
    const subscription = runtime.onChange((change) => seen.push(change))
    const until = async (found: () => boolean): Promise<void> => {
      while (!found()) await new Promise((done) => setTimeout(done, 10))
    }
    await until(() => seen.some(({ action }) => action === 'resync'))
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const { uid: podUid } = sandbox.pod
    await until(() => seen.some((c) => c.podUid === podUid && c.kind === 'sandbox' && c.action === 'start'))
    await runToEnd(containerSpec(sandbox, 'exit 1'))
    await until(() => seen.some((c) => c.podUid === podUid && c.kind === 'container' && c.action === 'die'))
    subscription.dispose()
  })

  it('knows local images and says why a pull fails', async () => {
    expect(await runtime.imageStatus(image)).toMatchObject({ tags: [image] })
    expect(await runtime.imageStatus('no-such-image:1')).toBeUndefined()
    expect((await runtime.listImages()).flatMap(({ tags }) => tags)).toContain(image)
    const error = await runtime
      .pullImage('127.0.0.1:1/nothing:1', [], { signal: new AbortController().signal })
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ reason: 'ErrImagePull' })
    expect((error as Error).message).toContain('127.0.0.1:1')
  })

  it('lets a second process find everything again', async () => {
    const sandbox = await runtime.runSandbox(sandboxSpec())
    const id = await runtime.createContainer(containerSpec(sandbox, 'sleep 1000'))
    await runtime.startContainer(id)
    const other = open()
    expect(await other.listSandboxes(sandbox.pod.uid)).toEqual([sandbox])
    expect(await other.listContainers(sandbox.pod.uid)).toEqual([await runtime.containerStatus(id)])
    await other.close()
  })
})
