import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { RuntimeError, type RuntimeChange } from '../runtime/runtime.ts'
import { useDockerRuntime } from './testing/use-docker-runtime.ts'

const under = useDockerRuntime()
const { open, sandboxSpec, containerSpec, runToEnd, readLogs } = under

describe('the Docker runtime', () => {
  it('describes engine and machine', async () => {
    await under.runtime.ping()
    expect(await under.runtime.version()).toMatchObject({ name: 'docker' })
    const machine = await under.runtime.machineInfo()
    expect(machine.cpus).toBeGreaterThan(0)
    expect(machine.memoryBytes).toBeGreaterThan(2 ** 28)
    expect(machine.architecture).toMatch(/^(amd64|arm64|arm)$/)
  })

  it('runs a sandbox with its own address and hostname, shared by its containers', async () => {
    const spec = sandboxSpec()
    const sandbox = await under.runtime.runSandbox(spec)
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
    expect(await under.runtime.runSandbox(spec)).toMatchObject({ id: sandbox.id })
  })

  it('runs privileged containers as far as the engine lets it', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
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
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const good = await runToEnd(containerSpec(sandbox, 'exit 0'))
    expect(await under.runtime.containerStatus(good)).toMatchObject({
      state: 'exited',
      exitCode: 0,
      reason: 'Completed',
      name: 'app',
      specHash: 'a1',
    })
    const bad = await runToEnd({ ...containerSpec(sandbox, 'exit 7'), attempt: 1 })
    expect(await under.runtime.containerStatus(bad)).toMatchObject({
      exitCode: 7,
      reason: 'Error',
      attempt: 1,
    })
    const hungry = await runToEnd({
      ...containerSpec(sandbox, 'x=x; while true; do x=$x$x; done'),
      attempt: 2,
      memoryLimitBytes: 16 * 2 ** 20,
    })
    expect(await under.runtime.containerStatus(hungry)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })

    const broken = { ...containerSpec(sandbox, ''), attempt: 3, command: ['/no/such/program'] }
    const id = await under.runtime.createContainer(broken)
    const error = await under.runtime.startContainer(id).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(RuntimeError)
    expect(error).toMatchObject({ reason: 'RunContainerError' })
    expect((error as Error).message).toContain('no such file or directory')
    expect(await under.runtime.containerStatus(id)).toMatchObject({
      state: 'exited',
      exitCode: 128,
      reason: 'StartError',
    })
    const listed = await under.runtime.listContainers(sandbox.pod.uid)
    expect(listed.map(({ attempt }) => attempt).sort()).toEqual([0, 1, 2, 3])
  })

  it('creates the same container once, and a new one in place of a leftover', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const spec = containerSpec(sandbox, 'sleep 1000')
    const first = await under.runtime.createContainer(spec)
    expect(await under.runtime.createContainer(spec)).toBe(first)
    const changed = await under.runtime.createContainer({ ...spec, specHash: 'b2' })
    expect(changed).not.toBe(first)
    expect(await under.runtime.containerStatus(first)).toBeUndefined()
  })

  it('mounts volumes with their modes, whole and by sub-path, and removes them with the pod', async () => {
    const spec = sandboxSpec({
      volumes: [
        { name: 'scratch', kind: 'disk', mode: 0o777 },
        { name: 'fast', kind: 'memory', mode: 0o1777, sizeLimitBytes: 1 << 20 },
        { name: 'host', kind: 'hostPath', mode: 0o755, hostPath: '/etc' },
      ],
    })
    const sandbox = await under.runtime.runSandbox(spec)
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
    expect(await under.runtime.listVolumeOwners()).toContain(spec.pod.uid)
    await under.runtime.removeContainer(maker)
    await under.runtime.removeContainer(id)
    await under.runtime.stopSandbox(sandbox.id)
    await under.runtime.removeSandbox(sandbox.id)
    await under.runtime.removeVolumes(spec.pod.uid)
    expect(await under.runtime.listVolumeOwners()).not.toContain(spec.pod.uid)
    expect(await under.runtime.listSandboxes(spec.pod.uid)).toEqual([])
  })

  it('gives logs with tail, timestamps, byte limit and follow', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
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
    const running = await under.runtime.createContainer(following)
    await under.runtime.startContainer(running)
    expect(await text(await readLogs(running, { follow: true }))).toBe('one\ntwo\n')
    const endless = { ...containerSpec(sandbox, 'echo up; sleep 1000'), attempt: 2 }
    const forever = await under.runtime.createContainer(endless)
    await under.runtime.startContainer(forever)
    const abort = new AbortController()
    const stream = await readLogs(forever, { follow: true, signal: abort.signal })
    stream.once('data', () => abort.abort())
    expect(await text(stream)).toBe('up\n')
  })

  it('executes commands: output apart, input, exit code, terminal size', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const id = await under.runtime.createContainer(containerSpec(sandbox, 'sleep 1000'))
    await under.runtime.startContainer(id)
    const plain = await under.runtime.exec(id, {
      command: ['/bin/sh', '-c', 'cat; echo err >&2; exit 3'],
      tty: false,
      stdin: true,
    })
    plain.stdin.end('from stdin\n')
    expect(await Promise.all([text(plain.stdout), text(plain.stderr)])).toEqual(['from stdin\n', 'err\n'])
    expect(await plain.exit).toBe(3)

    const terminal = await under.runtime.exec(id, { command: ['/bin/sh'], tty: true, stdin: true })
    terminal.resize({ width: 123, height: 45 })
    terminal.stdin.write('until stty size | grep 123; do sleep 0.1; done; exit\n')
    expect(await text(terminal.stdout)).toContain('45 123')
    expect(await terminal.exit).toBe(0)
    await under.runtime.stopContainer(id, 0)
    const refused = await under.runtime
      .exec(id, { command: ['true'], tty: false, stdin: false })
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RuntimeError)
  })

  it('attaches to the main process', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const id = await under.runtime.createContainer({
      ...containerSpec(sandbox, 'read line; echo got $line'),
      stdin: true,
    })
    await under.runtime.startContainer(id)
    const session = await under.runtime.attach(id, { tty: false, stdin: true })
    session.stdin.write('word\n')
    expect(await text(session.stdout)).toBe('got word\n')
    expect(await session.exit).toBeUndefined()
  })

  it('ends what is attached with its stdin, but not the container, unless stdin is for one session', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const id = await under.runtime.createContainer({
      ...containerSpec(sandbox, 'cat; echo over'),
      stdin: true,
    })
    await under.runtime.startContainer(id)
    for (const words of ['first\n', 'second\n']) {
      const session = await under.runtime.attach(id, { tty: false, stdin: true })
      session.stdin.end(words)
      expect(await text(session.stdout)).toBe(words)
    }
    expect(await under.runtime.containerStatus(id)).toMatchObject({ state: 'running' })
    const once = await under.runtime.createContainer({
      ...containerSpec(sandbox, 'cat; echo over'),
      stdin: true,
      stdinOnce: true,
      attempt: 1,
    })
    await under.runtime.startContainer(once)
    const session = await under.runtime.attach(once, { tty: false, stdin: true })
    session.stdin.end('only\n')
    expect(await text(session.stdout)).toBe('only\nover\n')
  })

  it('ends at once what is attached to a container that has just ended', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    for (const tty of [false, true]) {
      const spec = containerSpec(sandbox, 'echo over')
      const id = await runToEnd({ ...spec, tty, attempt: tty ? 1 : 0 })
      const session = await under.runtime.attach(id, { tty, stdin: false })
      expect(await Promise.all([text(session.stdout), text(session.stderr)])).toEqual(['', ''])
      expect(await session.exit).toBeUndefined()
    }
  })

  it('stops gracefully first and kills after the grace period', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const script = "trap 'exit 5' TERM; echo armed; while true; do sleep 0.1; done"
    const first = await under.runtime.createContainer(containerSpec(sandbox, script))
    await under.runtime.startContainer(first)
    await expect.poll(async () => text(await readLogs(first))).toBe('armed\n')
    await under.runtime.stopContainer(first, 60)
    expect(await under.runtime.containerStatus(first)).toMatchObject({ exitCode: 5 })
    const stubborn = { ...containerSpec(sandbox, "trap '' TERM; while true; do sleep 0.1; done"), attempt: 1 }
    const second = await under.runtime.createContainer(stubborn)
    await under.runtime.startContainer(second)
    await under.runtime.stopContainer(second, 1)
    expect(await under.runtime.containerStatus(second)).toMatchObject({ exitCode: 137 })
    await under.runtime.stopContainer(second, 1)
  })

  it('reports changes of its own node only', async () => {
    const seen: RuntimeChange[] = []
    const subscription = under.runtime.onChange((change) => seen.push(change))
    const until = async (found: () => boolean): Promise<void> => {
      while (!found()) await new Promise((done) => setTimeout(done, 10))
    }
    await until(() => seen.some(({ action }) => action === 'resync'))
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const { uid: podUid } = sandbox.pod
    await until(() => seen.some((c) => c.podUid === podUid && c.kind === 'sandbox' && c.action === 'start'))
    await runToEnd(containerSpec(sandbox, 'exit 1'))
    await until(() => seen.some((c) => c.podUid === podUid && c.kind === 'container' && c.action === 'die'))
    subscription.dispose()
  })

  it('knows local images and says why a pull fails', async () => {
    expect(await under.runtime.imageStatus(under.image)).toMatchObject({ tags: [under.image] })
    expect(await under.runtime.imageStatus('no-such-image:1')).toBeUndefined()
    expect((await under.runtime.listImages()).flatMap(({ tags }) => tags)).toContain(under.image)
    const error = await under.runtime
      .pullImage('127.0.0.1:1/nothing:1', [], { signal: new AbortController().signal })
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ reason: 'ErrImagePull' })
    expect((error as Error).message).toContain('127.0.0.1:1')
  })

  it('lets a second process find everything again', async () => {
    const sandbox = await under.runtime.runSandbox(sandboxSpec())
    const id = await under.runtime.createContainer(containerSpec(sandbox, 'sleep 1000'))
    await under.runtime.startContainer(id)
    const other = open()
    expect(await other.listSandboxes(sandbox.pod.uid)).toEqual([sandbox])
    expect(await other.listContainers(sandbox.pod.uid)).toEqual([await under.runtime.containerStatus(id)])
    await other.close()
  })
})
