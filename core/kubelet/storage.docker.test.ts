import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolume, Volume } from '../api/generated/core-v1.ts'
import { createDockerWorld } from './testing/docker-world.ts'
import type { DockerWorld } from './testing/docker-world.ts'

let world: DockerWorld
let directory: string

beforeAll(async () => {
  world = await createDockerWorld()
})
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wheelhouse-storage-'))
})
afterEach(async () => {
  await world.removePods()
  rmSync(directory, { recursive: true, force: true })
})
afterAll(() => world[Symbol.asyncDispose]())

const phaseOf = (uid: string): string | undefined => world.api.pod(uid)?.status?.phase
const hasEvent = (reason: string, message: string): boolean =>
  world.api.events.some((event) => event.reason === reason && event.message === message)

/** A bound pair of claim and volume of this name. */
function bind(name: string, spec: PersistentVolume['spec']): Volume {
  const claimRef = { namespace: 'default', name, uid: `uid-${name}` }
  world.api.persistentVolumes.set(`pv-${name}`, {
    metadata: { name: `pv-${name}` },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, claimRef, ...spec },
  })
  world.api.claims.set(`default/${name}`, {
    metadata: { namespace: 'default', name, uid: claimRef.uid },
    spec: { volumeName: `pv-${name}` },
    status: { phase: 'Bound' },
  })
  return { name, persistentVolumeClaim: { claimName: name } }
}

async function provisioned(name: string, spec: PersistentVolume['spec'] = {}): Promise<Volume> {
  await world.persistentVolumes.create(name, { namespace: 'default', name })
  return bind(name, { csi: { driver: 'local.wheelhouse.io', volumeHandle: name }, ...spec })
}

async function runOnce(script: string, volume: Volume, more: object = {}): Promise<string> {
  const name = `once-${Math.random().toString(36).slice(2, 8)}`
  const volumeMounts = [{ name: volume.name, mountPath: '/data' }]
  const uid = world.create(
    {
      restartPolicy: 'Never',
      containers: [world.run('c', script, { volumeMounts })],
      volumes: [volume],
      ...more,
    },
    name,
  )
  await world.eventually(() => ['Succeeded', 'Failed'].includes(phaseOf(uid) ?? ''))
  const log = await world.logsOf(uid, 'c', name)
  world.api.requestDeletion(uid, 0, Date.now())
  await world.eventually(async () => (await world.listContainers(uid)).length === 0)
  return log.trim()
}

describe('provisioned volumes', () => {
  it('keep their data when the pod goes, and any user may write to them', async () => {
    const volume = await provisioned('data')
    const asUser = { securityContext: { runAsUser: 1234 } }
    expect(await runOnce('echo kept > /data/file && cat /data/file', volume, asUser)).toBe('kept')
    expect(await runOnce('cat /data/file', volume)).toBe('kept')
    const { Volumes } = await world.docker.listVolumes({})
    const labelled = Volumes.filter(({ Labels }) => Labels?.['io.wheelhouse.claim'] === 'default/data')
    expect(labelled).toHaveLength(1)
    await world.persistentVolumes.remove('data')
    await world.persistentVolumes.remove('data')
  })

  it('belong to the pod’s group with all they hold', async () => {
    const volume = await provisioned('grouped')
    await runOnce(
      'mkdir /data/d; echo x > /data/d/f; chmod 600 /data/d/f; ln -s /etc/passwd /data/link',
      volume,
    )
    const securityContext = { runAsUser: 1000, fsGroup: 2000 }
    const look = 'stat -c "%g %A" /data/d /data/d/f; cat /data/d/f; stat -L -c %g /data/link'
    const lines = (await runOnce(look, volume, { securityContext })).split('\n')
    expect(lines).toEqual(['2000 drwxrwsr-x', '2000 -rw-rw----', 'x', '0'])
  })

  it('cannot be written to through a read-only claim, nor when they are for readers only', async () => {
    const volume = await provisioned('ro')
    const readOnly = { name: 'ro', persistentVolumeClaim: { claimName: 'ro', readOnly: true } }
    expect(await runOnce('touch /data/x 2>/dev/null || echo refused', readOnly)).toBe('refused')
    expect(await runOnce('touch /data/x && echo done', volume)).toBe('done')
    const many = await provisioned('rox', { accessModes: ['ReadOnlyMany'] })
    expect(await runOnce('touch /data/x 2>/dev/null || echo refused', many)).toBe('refused')
  })

  it('are never made anew in place of lost data', async () => {
    const volume = bind('lost', { csi: { driver: 'local.wheelhouse.io', volumeHandle: 'lost' } })
    world.create({ containers: [world.run('c', 'sleep 60')], volumes: [volume] })
    await world.eventually(() =>
      world.api.events.some(
        ({ reason, message }) =>
          reason === 'FailedMount' &&
          /^MountVolume.SetUp failed for volume "lost" : the Docker volume \S+ is gone/.test(message),
      ),
    )
  })
})

describe('host paths', () => {
  it.each([
    ['Directory', 'none', 'a directory'],
    ['Directory', 'file', 'a directory'],
    ['DirectoryOrCreate', 'file', 'a directory'],
    ['File', 'none', 'a file'],
    ['File', '.', 'a file'],
    ['FileOrCreate', '.', 'a file'],
    ['Socket', 'file', 'a socket file'],
    ['CharDevice', 'file', 'a character device'],
    ['BlockDevice', 'file', 'a block device'],
  ])('of type %s refuse %s', async (type, what, wanted) => {
    writeFileSync(join(directory, 'file'), '')
    const path = join(directory, what)
    const volumes = [{ name: 'h', hostPath: { path, type } }]
    world.create({ containers: [world.run('c', 'sleep 60')], volumes })
    const message = `MountVolume.SetUp failed for volume "h" : hostPath type check failed: ${path} is not ${wanted}`
    await world.eventually(() => hasEvent('FailedMount', message))
    expect(existsSync(join(directory, 'none'))).toBe(false)
  })

  it('are made where the type says so, and are left when the pod goes', async () => {
    const made = join(directory, 'a/b')
    await runOnce('echo x > /data/f', { name: 'h', hostPath: { path: made, type: 'DirectoryOrCreate' } })
    expect(readFileSync(join(made, 'f'), 'utf8')).toBe('x\n')
    const file = join(directory, 'one')
    const mounted = { name: 'h', hostPath: { path: file, type: 'FileOrCreate' } }
    expect(await runOnce('echo hello > /data; stat -c %a /data', mounted)).toBe('644')
    expect(readFileSync(file, 'utf8')).toBe('hello\n')
    expect(statSync(file).mode & 0o777).toBe(0o644)
  })

  it('take sockets and devices for what they are', async () => {
    const path = join(directory, 'sock')
    const server = createServer().listen(path)
    try {
      expect(
        await runOnce('[ -S /data ] && echo yes', { name: 'h', hostPath: { path, type: 'Socket' } }),
      ).toBe('yes')
      const device = { name: 'h', hostPath: { path: '/dev/null', type: 'CharDevice' } }
      expect(await runOnce('[ -c /data ] && echo yes', device)).toBe('yes')
    } finally {
      server.close()
    }
  })

  it('are what claims of hostPath and local volumes lead to', async () => {
    writeFileSync(join(directory, 'f'), 'from the host')
    expect(await runOnce('cat /data/f', bind('host', { hostPath: { path: directory } }))).toBe(
      'from the host',
    )
    expect(await runOnce('cat /data/f', bind('local', { local: { path: directory } }))).toBe('from the host')
    const path = join(directory, 'absent')
    world.create({ containers: [world.run('c', 'true')], volumes: [bind('gone', { local: { path } })] })
    const message = `MountVolume.SetUp failed for volume "gone" : path "${path}" does not exist`
    await world.eventually(() => hasEvent('FailedMount', message))
  })
})

describe('mount propagation', () => {
  it.each(['HostToContainer', 'Bidirectional'])('%s works, or the engine’s reason is told', async (mode) => {
    const volumeMounts = [{ name: 'h', mountPath: '/data', mountPropagation: mode }]
    const uid = world.create({
      restartPolicy: 'Never',
      containers: [world.run('c', 'grep " /data " /proc/self/mountinfo', { volumeMounts })],
      volumes: [{ name: 'h', hostPath: { path: directory } }],
    })
    const refused = (): string | undefined =>
      world.api.events.find(
        ({ involved, reason, message }) =>
          involved.uid === uid &&
          reason === 'Failed' &&
          /is not a (shared|shared or slave) mount/.test(message),
      )?.message
    await world.eventually(() => phaseOf(uid) === 'Succeeded' || refused() !== undefined)
    if (refused() === undefined) {
      const expected = mode === 'Bidirectional' ? / shared:\d+/ : / master:\d+/
      expect(await world.logsOf(uid, 'c')).toMatch(expected)
    } else expect(refused()).toContain(`path ${directory} is mounted on`)
  })
})

describe('image volumes', () => {
  it('show the files of an image, which nobody can change', async () => {
    const volume = { name: 'i', image: { reference: 'busybox:latest', pullPolicy: 'Never' } }
    const look =
      'cat /data/etc/nsswitch.conf; ls -a /data | grep dockerenv; touch /data/x 2>/dev/null || echo refused'
    expect(await runOnce(look, volume)).toBe('hosts: files dns\nrefused')
  })

  it('may be mounted in part', async () => {
    const volumes = [{ name: 'i', image: { reference: 'busybox:latest', pullPolicy: 'Never' } }]
    const volumeMounts = [{ name: 'i', mountPath: '/etc-of-it', subPath: 'etc' }]
    const look = 'cat /etc-of-it/nsswitch.conf; touch /etc-of-it/x 2>/dev/null || echo refused'
    const uid = world.create({
      restartPolicy: 'Never',
      containers: [world.run('c', look, { volumeMounts })],
      volumes,
    })
    await world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await world.logsOf(uid, 'c')).toBe('hosts: files dns\nrefused\n')
  })

  it('keep the pod waiting for an image that may not be pulled', async () => {
    const volumes = [{ name: 'i', image: { reference: 'absent:1', pullPolicy: 'Never' } }]
    const volumeMounts = [{ name: 'i', mountPath: '/data' }]
    const uid = world.create({ containers: [world.run('c', 'true', { volumeMounts })], volumes })
    await world.eventually(() => world.containerStatus(uid)?.state?.waiting?.reason === 'ErrImageNeverPull')
  })
})

describe('sub-paths', () => {
  const volumeMounts = (subPath?: string): object[] => [
    { name: 'v', mountPath: '/v', ...(subPath ? { subPath } : {}) },
  ]

  it('are made where they are missing, with the mode of their volume', async () => {
    const uid = world.create({
      restartPolicy: 'Never',
      securityContext: { runAsUser: 1000 },
      containers: [
        world.run('c', 'echo x > /v/f && stat -c %a /v', { volumeMounts: volumeMounts('a/b') as never }),
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    })
    await world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await world.logsOf(uid, 'c')).toBe('777\n')
  })

  it.each([
    ['the root of the host', '/'],
    ['a directory of the host', '/etc'],
    ['a way up', '../../../../../../etc'],
    ['nothing', '/nothing/there'],
  ])('that a container made into a link to %s are refused', async (_what, target) => {
    const uid = world.create({
      restartPolicy: 'Never',
      initContainers: [
        world.run('attacker', `ln -s ${target} /v/way`, { volumeMounts: volumeMounts() as never }),
      ],
      containers: [world.run('c', 'ls /v', { volumeMounts: volumeMounts('way') as never })],
      volumes: [{ name: 'v', emptyDir: {} }],
    })
    const message = 'failed to prepare subPath for volumeMount "v" of container "c"'
    await world.eventually(() => world.containerStatus(uid)?.state?.waiting?.message === message)
    expect(world.containerStatus(uid)?.state?.waiting?.reason).toBe('CreateContainerConfigError')
  })

  it('never lead out, however quickly a container swaps them for links', async () => {
    writeFileSync(join(directory, 'secret'), 'of the host')
    const swap = `while true; do rm -rf /v/way; ln -s ${directory} /v/way; usleep 30000; rm /v/way; mkdir /v/way; usleep 30000; done`
    const uid = world.create({
      containers: [
        world.run('attacker', swap, { volumeMounts: volumeMounts() as never }),
        world.run('c', 'cat /v/secret && touch /v/broken; exit 0', {
          volumeMounts: volumeMounts('way') as never,
        }),
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    })
    const attempts = (): number =>
      world.api.events.filter(({ reason, involved }) =>
        involved.uid === uid && involved.fieldPath?.includes('{c}')
          ? ['Started', 'Failed'].includes(reason)
          : false,
      ).length
    await world.eventually(() => attempts() >= 4, 150_000)
    expect(existsSync(join(directory, 'broken'))).toBe(false)
    const attacker = world.api.pod(uid)?.status?.containerStatuses?.find(({ name }) => name === 'attacker')
    expect(attacker?.state?.running).toBeDefined()
  })

  it('leave no container paused when the process was killed while it looked', async () => {
    const uid = world.create({ containers: [world.run('c', 'sleep 600')] })
    await world.eventually(() => phaseOf(uid) === 'Running')
    const id = world.containerStatus(uid)?.containerID?.replace('docker://', '') ?? ''
    await world.docker.getContainer(id).pause()
    await world.shutDown()
    await world.boot()
    await world.eventually(async () => !(await world.docker.getContainer(id).inspect()).State.Paused)
    expect(world.containerStatus(uid)?.restartCount).toBe(0)
  })
})
