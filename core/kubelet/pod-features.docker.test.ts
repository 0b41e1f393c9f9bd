import { connect, createServer, type AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDockerWorld } from './testing/docker-world.ts'
import type { DockerWorld } from './testing/docker-world.ts'

let world: DockerWorld

beforeAll(async () => {
  world = await createDockerWorld()
})
afterEach(() => world.removePods())
afterAll(() => world[Symbol.asyncDispose]())

/** A port of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const phaseOf = (uid: string): string | undefined => world.api.pod(uid)?.status?.phase

describe('termination messages on Docker', () => {
  it('come from the message file, or from the log where the policy says so', async () => {
    const uid = world.create({
      restartPolicy: 'Never',
      containers: [
        world.run('file', 'echo noise; printf "the disk is full" > /dev/termination-log; exit 3'),
        world.run('path', 'printf custom > /tmp/last-words', { terminationMessagePath: '/tmp/last-words' }),
        world.run('log', 'echo first; echo it broke >&2; exit 1', {
          terminationMessagePolicy: 'FallbackToLogsOnError',
        }),
        world.run(
          'long',
          'i=0; while [ $i -lt 500 ]; do printf 0123456789 >> /dev/termination-log; i=$((i+1)); done',
        ),
        world.run('silent', 'echo nothing to say; exit 1'),
      ],
    })
    await world.eventually(() => phaseOf(uid) === 'Failed')
    const messages = Object.fromEntries(
      world.api
        .pod(uid)!
        .status!.containerStatuses!.map(({ name, state }) => [name, state?.terminated?.message]),
    )
    expect(messages['file']).toBe('the disk is full')
    expect(messages['path']).toBe('custom')
    // The engine copies the two streams one beside the other: their order is not kept.
    expect(messages['log']?.split('\n').toSorted()).toEqual(['', 'first', 'it broke'])
    // A pod's messages share 12 KiB.
    expect(messages['long']).toHaveLength(Math.floor((12 * 1024) / 5))
    expect(messages['silent']).toBeUndefined()
  })

  it('of the incarnation before stay in lastState', async () => {
    const uid = world.create({
      containers: [world.run('app', 'printf "crash $(date +%s)" > /dev/termination-log; sleep 1; exit 1')],
    })
    await world.eventually(() => (world.containerStatus(uid)?.restartCount ?? 0) > 0)
    expect(world.containerStatus(uid)!.lastState!.terminated!.message).toMatch(/^crash \d+$/)
  })
})

describe('volumes on Docker', () => {
  it('are updated in one step, without what was removed, and are read-only', async () => {
    world.api.configMaps.set('default/cfg', {
      metadata: { name: 'cfg' },
      data: { keep: 'one', gone: 'x', '.hidden': 'h' },
    })
    const uid = world.create({
      volumes: [
        {
          name: 'cfg',
          projected: {
            sources: [{ configMap: { name: 'cfg' } }, { secret: { name: 'absent', optional: true } }],
          },
        },
      ],
      containers: [world.run('app', 'sleep 1000', { volumeMounts: [{ name: 'cfg', mountPath: '/cfg' }] })],
    })
    await world.eventually(() => phaseOf(uid) === 'Running')
    const list = [
      'sh',
      '-c',
      'cd /cfg; ls -A | grep -v "^\\.\\.2" | tr "\\n" " "; cat keep; echo x 2>/dev/null > keep || echo ro',
    ]
    expect(await world.exec(uid, 'app', list)).toBe('..data .hidden gone keep onero\n')
    const [sandbox] = await world.runtime.listSandboxes(uid)
    const encode = (content: string): Uint8Array => Buffer.from(content)
    await world.runtime.writeVolume(sandbox!.id, 'cfg', [
      { path: 'keep', content: encode('two'), mode: 0o644 },
      { path: 'deep/er', content: encode('new'), mode: 0o600 },
    ])
    expect(await world.exec(uid, 'app', list)).toBe('..data deep keep tworo\n')
    const versions = await world.exec(uid, 'app', ['sh', '-c', 'ls -d /cfg/..2* | wc -l; cat /cfg/deep/er'])
    expect(versions).toBe('1\nnew')
  })

  it('belong to the pod’s fsGroup, so that another user than root can use them', async () => {
    world.api.secrets.set('default/keys', {
      metadata: { name: 'keys' },
      data: { password: Buffer.from('s3cret').toString('base64') },
    })
    const volumeMounts = [
      { name: 'keys', mountPath: '/keys' },
      { name: 'disk', mountPath: '/disk' },
      { name: 'ram', mountPath: '/ram' },
      { name: 'token', mountPath: '/token' },
    ]
    const script =
      'id; cat /keys/password; echo; stat -L -c "%a %u:%g" /keys/password /keys /disk /ram /token/token; ' +
      'echo x > /disk/mine && stat -c "%u:%g" /disk/mine'
    const uid = world.create({
      restartPolicy: 'Never',
      securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000] },
      volumes: [
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } },
        { name: 'disk', emptyDir: {} },
        { name: 'ram', emptyDir: { medium: 'Memory' } },
        { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
      containers: [world.run('app', script, { volumeMounts })],
    })
    await world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await world.logsOf(uid, 'app')).toBe(
      'uid=1000 gid=3000 groups=2000,3000,4000\ns3cret\n440 0:2000\n3777 0:2000\n2777 0:2000\n3777 0:2000\n640 1000:2000\n1000:2000\n',
    )
  })
})

describe('namespaces and names on Docker', () => {
  it('are shared as the pod asks', async () => {
    const uid = world.create({
      shareProcessNamespace: true,
      hostname: 'front',
      subdomain: 'pods',
      hostAliases: [{ ip: '10.9.8.7', hostnames: ['db', 'database'] }],
      containers: [world.run('one', 'sleep 1234'), world.run('two', 'sleep 1000')],
    })
    await world.eventually(() => phaseOf(uid) === 'Running')
    const processes = await world.exec(uid, 'two', ['ps'])
    expect(processes).toContain('sleep 1234')
    expect(processes).toContain('pause')
    expect(await world.exec(uid, 'two', ['hostname'])).toBe('front\n')
    expect(await world.exec(uid, 'two', ['hostname', '-f'])).toBe('front.pods.default.svc.cluster.local\n')
    const hosts = await world.exec(uid, 'two', ['cat', '/etc/hosts'])
    expect(hosts.split('\n')[0]).toBe('# Kubernetes-managed hosts file.')
    expect(hosts).toContain('\tfront.pods.default.svc.cluster.local\tfront\n')
    expect(hosts).toContain('\n10.9.8.7\tdb\tdatabase\n')
  })

  it('can be the node’s', async () => {
    const uid = world.create({
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      containers: [world.run('app', 'sleep 1000')],
    })
    await world.eventually(() => phaseOf(uid) === 'Running')
    const { podIP = '', hostIP } = world.api.pod(uid)!.status!
    expect(podIP).toBe(hostIP)
    expect(await world.exec(uid, 'app', ['ps'])).toContain('dockerd')
    expect(await world.exec(uid, 'app', ['ip', 'address'])).toContain(`inet ${podIP}/`)
    expect(await world.exec(uid, 'app', ['hostname'])).toBe('node-1\n')
    expect(await world.exec(uid, 'app', ['head', '-n1', '/etc/hosts'])).toContain('(host network)')
  })

  it('publishes host ports', async () => {
    const port = await freePort()
    const ports = [{ containerPort: 8080, hostPort: port, hostIP: '127.0.0.1' }]
    const uid = world.create({
      containers: [world.run('app', 'while true; do nc -l -p 8080 -e echo here; done', { ports })],
    })
    await world.eventually(() => phaseOf(uid) === 'Running')
    let answer = ''
    await world.eventually(async () => {
      answer = await new Promise<string>((resolve) => {
        let seen = ''
        const socket = connect(port, '127.0.0.1')
        socket.on('data', (chunk) => (seen += String(chunk)))
        socket.on('error', () => resolve(''))
        socket.on('close', () => resolve(seen))
      })
      return answer !== ''
    })
    expect(answer).toBe('here\n')
  })
})

describe('variables of files on Docker', () => {
  it('are what an init container wrote, unless a link leads out of the volume', async () => {
    const volumeMounts = [{ name: 'config', mountPath: '/data' }]
    const fileKeyRef = { volumeName: 'config', path: 'app.env', key: 'GREETING' }
    const env = [{ name: 'SAID', valueFrom: { fileKeyRef } }]
    const volumes = [{ name: 'config', emptyDir: {} }]
    const write = 'printf "GREETING=\'hello there\'\\n" > /data/app.env'
    const uid = world.create({
      restartPolicy: 'Never',
      volumes,
      initContainers: [world.run('write', write, { volumeMounts })],
      containers: [world.run('app', 'echo "$SAID"', { env })],
    })
    await world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await world.logsOf(uid, 'app')).toBe('hello there\n')

    const outside = world.create(
      {
        restartPolicy: 'Never',
        volumes,
        initContainers: [world.run('write', 'ln -s /etc/passwd /data/app.env', { volumeMounts })],
        containers: [world.run('app', 'true', { env })],
      },
      'outside',
    )
    await world.eventually(
      () => world.containerStatus(outside)?.state?.waiting?.message === "couldn't parse env file",
    )
  })
})

describe('confinement on Docker', () => {
  it('filters system calls as the profile says, and sets safe sysctls', async () => {
    const status = 'grep Seccomp: /proc/self/status; cat /proc/sys/net/ipv4/ip_unprivileged_port_start'
    const uid = world.create({
      restartPolicy: 'Never',
      securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '7' }] },
      containers: [
        world.run('free', status),
        world.run('filtered', status, { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
      ],
    })
    await world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await world.logsOf(uid, 'free')).toBe('Seccomp:\t0\n7\n')
    expect(await world.logsOf(uid, 'filtered')).toBe('Seccomp:\t2\n7\n')
  })

  it('says OOMKilled of a container that took more memory than its limit', async () => {
    const uid = world.create({
      restartPolicy: 'Never',
      volumes: [{ name: 'ram', emptyDir: { medium: 'Memory' } }],
      containers: [
        world.run('app', 'x=; while :; do x="$x$x 0123456789abcdef0123456789abcdef0123456789abcdef"; done', {
          resources: { limits: { memory: '16Mi' } },
        }),
      ],
    })
    await world.eventually(() => phaseOf(uid) === 'Failed')
    expect(world.containerStatus(uid)!.state!.terminated).toMatchObject({
      reason: 'OOMKilled',
      exitCode: 137,
    })
  })
})

describe('hooks on Docker', () => {
  it('run inside the container, and the stop signal is the one the spec names', async () => {
    const lifecycle = {
      postStart: { exec: { command: ['sh', '-c', 'echo started > /tmp/hook'] } },
      preStop: { exec: { command: ['sh', '-c', 'echo stopping > /proc/1/fd/1'] } },
      stopSignal: 'SIGUSR1',
    }
    const script = 'trap "echo usr1; exit 0" USR1; echo armed; while :; do sleep 0.1; done'
    const uid = world.create({
      terminationGracePeriodSeconds: 60,
      containers: [world.run('app', script, { lifecycle })],
    })
    await world.eventually(() => phaseOf(uid) === 'Running')
    expect(await world.exec(uid, 'app', ['cat', '/tmp/hook'])).toBe('started\n')
    const [{ Id: id } = { Id: '' }] = (await world.listContainers(uid)).filter(({ Names }) =>
      Names[0]?.includes('k8s_app_'),
    )
    const log = await world.docker.getContainer(id).logs({ follow: true, stdout: true })
    const lines: string[] = []
    log.on('data', (chunk: Buffer) => lines.push(chunk.toString('latin1')))
    await world.eventually(() => lines.join('').includes('armed'))
    world.api.requestDeletion(uid, 60, Date.now())
    await world.eventually(() => /stopping[^]*usr1/.test(lines.join('')))
    await world.eventually(() => world.api.pod(uid) === undefined)
  })
})

describe('ephemeral containers on Docker', () => {
  it('join a running pod and see the processes of their target', async () => {
    const uid = world.create({ containers: [world.run('app', 'sleep 4321')] })
    await world.eventually(() => phaseOf(uid) === 'Running')
    const current = world.api.pod(uid)!
    const debug = { ...world.run('debug', 'ps; hostname; sleep 1; exit 5'), targetContainerName: 'app' }
    world.api.createPod({ ...current, spec: { ...current.spec, ephemeralContainers: [debug] } })
    const status = () => world.api.pod(uid)?.status?.ephemeralContainerStatuses?.[0]
    await world.eventually(() => status()?.state?.terminated?.exitCode === 5)
    expect(await world.logsOf(uid, 'debug')).toMatch(/sleep 4321[^]*web\n$/)
    expect(phaseOf(uid)).toBe('Running')
    expect(world.containerStatus(uid)!.restartCount).toBe(0)
  })
})

describe('an emptyDir with a size limit on Docker', () => {
  it('gets its pod evicted, also for files nobody else may read', async () => {
    const script =
      'mkdir /data/own; umask 077; dd if=/dev/zero of=/data/own/file bs=1M count=3 2>/dev/null; chmod 700 /data/own; sleep 1000'
    const uid = world.create({
      securityContext: { runAsUser: 1000 },
      volumes: [{ name: 'data', emptyDir: { sizeLimit: '2Mi' } }],
      containers: [world.run('app', script, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
    })
    await world.eventually(() => phaseOf(uid) === 'Failed')
    expect(world.api.pod(uid)!.status).toMatchObject({
      reason: 'Evicted',
      message: 'Usage of EmptyDir volume "data" exceeds the limit "2Mi". ',
    })
  })

  it('in memory keeps its files over a restart and takes no more than its size', async () => {
    const script =
      'if [ -e /ram/kept ]; then cat /ram/kept; df -k /ram | tail -1; sleep 1000; else echo kept > /ram/kept; exit 1; fi'
    const uid = world.create({
      volumes: [{ name: 'ram', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
      containers: [world.run('app', script, { volumeMounts: [{ name: 'ram', mountPath: '/ram' }] })],
    })
    await world.eventually(() => world.containerStatus(uid)?.restartCount === 1 && phaseOf(uid) === 'Running')
    let log = ''
    await world.eventually(async () => (log = await world.logsOf(uid, 'app')).includes('/ram'))
    expect(log).toMatch(/^kept\ntmpfs\s+1024\s/)
  })
})
