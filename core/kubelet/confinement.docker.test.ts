import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerStatus, PodSpec, SecurityContext } from '../api/generated/core-v1.ts'
import { defaultKubeletSettings } from './kubelet-settings.ts'
import { createDockerWorld } from './testing/docker-world.ts'
import type { DockerWorld } from './testing/docker-world.ts'

let world: DockerWorld
let profiles = ''
/** Has a user `app` (1000, primary group 1000) who is in the group `staff` (4000) too. */
const image = `wheelhouse-test/users-${randomUUID().slice(0, 8)}:1`

const made: string[] = []

beforeAll(async () => {
  profiles = await mkdtemp(join(tmpdir(), 'profiles-'))
  const settings = { ...defaultKubeletSettings, allowedUnsafeSysctls: ['kernel.msg*'], podPidsLimit: 77 }
  world = await createDockerWorld({ settings, seccompDirectory: profiles })
  const script =
    'echo app:x:1000:1000::/:/bin/sh >> /etc/passwd; echo app:x:1000: >> /etc/group; echo staff:x:4000:app >> /etc/group'
  const container = await world.docker.createContainer({
    Image: 'wheelhouse-test/busybox',
    Entrypoint: ['/bin/sh', '-c', script],
  })
  await container.start()
  await container.wait()
  const [repo, tag] = image.split(':')
  await container.commit({ repo, tag, changes: 'ENTRYPOINT []' })
  await container.remove()
})
afterEach(() => world.removePods())
afterAll(async () => {
  for (const one of [...made, image]) await world.runtime.removeImage(one)
  await world[Symbol.asyncDispose]()
  await rm(profiles, { recursive: true })
})

/** What one container prints that runs a script to its end. */
async function print(
  script: string,
  spec: Partial<PodSpec> & { own?: SecurityContext; image?: string },
): Promise<string> {
  return (await runToEnd(script, spec)).log
}

/** The same with the status of the container. */
async function runToEnd(
  script: string,
  spec: Partial<PodSpec> & { own?: SecurityContext; image?: string },
): Promise<{ log: string; status: ContainerStatus | undefined }> {
  const { own, image: other, ...more } = spec
  const container = world.run('app', script, {
    ...(own ? { securityContext: own } : {}),
    ...(other ? { image: other } : {}),
  })
  const uid = world.create({ restartPolicy: 'Never', ...more, containers: [container] })
  await world.eventually(() => ['Succeeded', 'Failed'].includes(world.api.pod(uid)?.status?.phase ?? ''))
  const log = await world.logsOf(uid, 'app')
  const status = world.containerStatus(uid)
  await world.removePods()
  return { log: log.trim(), status }
}

describe('groups', () => {
  const groups = (securityContext: PodSpec['securityContext']): Promise<string> =>
    print('grep ^Groups: /proc/self/status; grep ^Gid: /proc/self/status', {
      image,
      ...(securityContext ? { securityContext } : {}),
    }).then((text) => text.replace(/\s+/g, ' '))

  it('that the image gives the user are added, whatever the primary group', async () => {
    expect(await groups({ runAsUser: 1000, supplementalGroups: [5000] })).toMatch(
      /^Groups: (1000 )?4000 5000 Gid: 1000/,
    )
    expect(await groups({ runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [5000] })).toMatch(
      /^Groups: (3000 )?4000 5000 Gid: 3000/,
    )
  })

  it('are no others than the pod names under the policy Strict', async () => {
    const supplementalGroupsPolicy = 'Strict'
    expect(await groups({ runAsUser: 1000, supplementalGroups: [5000], supplementalGroupsPolicy })).toMatch(
      /^Groups: (1000 )?5000 Gid: 1000/,
    )
    expect(await groups({ runAsUser: 1000, runAsGroup: 3000, supplementalGroupsPolicy })).toMatch(
      /^Groups: (3000 )?Gid: 3000/,
    )
  })
})

describe('as whom a container began', () => {
  it.each<[string, PodSpec['securityContext'], string | undefined]>([
    ['root, as nothing is said', undefined, undefined],
    ['a user by its number', { runAsUser: 1000 }, undefined],
    ['a user that no image knows', { runAsUser: 777, supplementalGroups: [5000] }, undefined],
    ['user and group', { runAsUser: 1000, runAsGroup: 3000, fsGroup: 6000 }, undefined],
    ['only what the pod says', { runAsUser: 1000, supplementalGroupsPolicy: 'Strict' }, undefined],
    ['the user that the image names', { supplementalGroups: [5000] }, 'app'],
  ])('is told: %s', async (_what, securityContext, user) => {
    const script = 'grep -E "^(Uid|Gid|Groups):" /proc/self/status'
    const named = user === undefined ? image : await withUser(user)
    const { log, status } = await runToEnd(script, {
      image: named,
      ...(securityContext ? { securityContext } : {}),
    })
    const numbers = (line: string): number[] =>
      (new RegExp(`^${line}:(.*)$`, 'm').exec(log)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number)
    const { linux } = status!.user!
    expect({ uid: linux?.uid, gid: linux?.gid }).toEqual({ uid: numbers('Uid')[0], gid: numbers('Gid')[0] })
    expect(linux?.supplementalGroups?.toSorted((a, b) => a - b)).toEqual(numbers('Groups'))
  })
})

/** The image with a user of its own. */
async function withUser(user: string): Promise<string> {
  const container = await world.docker.createContainer({ Image: image, Entrypoint: ['/bin/true'] })
  const [repo, tag] = [`${image.split(':')[0]}-${user}`, '1']
  await container.commit({ repo, tag, changes: `USER ${user}` })
  await container.remove()
  made.push(`${repo}:${tag}`)
  return `${repo}:${tag}`
}

describe('seccomp', () => {
  const deny = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
  }
  const tryIt = 'grep ^Seccomp: /proc/self/status; mkdir /tmp/x 2>&1 && echo made'

  it('filters by a profile of the node, by that of the engine, or not at all', async () => {
    await writeFile(join(profiles, 'no-mkdir.json'), JSON.stringify(deny))
    const localhostProfile = 'no-mkdir.json'
    expect(await print(tryIt, { own: { seccompProfile: { type: 'Localhost', localhostProfile } } })).toMatch(
      /^Seccomp:\s2\nmkdir: .*not permitted/,
    )
    const runtimeDefault = { seccompProfile: { type: 'RuntimeDefault' } }
    expect(await print(tryIt, { securityContext: runtimeDefault })).toMatch(/^Seccomp:\s2\nmade$/)
    expect(
      await print(tryIt, {
        securityContext: runtimeDefault,
        own: { seccompProfile: { type: 'Unconfined' } },
      }),
    ).toMatch(/^Seccomp:\s0\nmade$/)
  })
})

describe('AppArmor', () => {
  it('is as the host has it: unconfined everywhere, a profile only where the kernel knows them', async () => {
    const { security } = await world.runtime.machineInfo()
    expect(await print('echo ran', { own: { appArmorProfile: { type: 'Unconfined' } } })).toBe('ran')
    if (security?.appArmor) {
      const script = 'cat /proc/self/attr/current'
      expect(await print(script, { own: { appArmorProfile: { type: 'RuntimeDefault' } } })).toMatch(/enforce/)
      return
    }
    const appArmorProfile = { type: 'RuntimeDefault' }
    const uid = world.create({
      containers: [world.run('app', 'true', { securityContext: { appArmorProfile } })],
    })
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Failed')
    expect(world.api.pod(uid)?.status?.reason).toBe('AppArmor')
  })
})

describe('/proc', () => {
  it('shows nothing and takes nothing that concerns the host', async () => {
    // One stream, for Docker keeps no order between two.
    const script = 'cat /proc/timer_list 2>/dev/null | wc -c; (echo 1 > /proc/sys/kernel/domainname) 2>&1'
    expect(await print(script, {})).toMatch(/^0\n.*Read-only file system/)
  })
})

describe('the number of processes', () => {
  it('is limited as the node says, for all containers of a pod together', async () => {
    const many = 'i=0; while [ $i -lt 50 ]; do sleep 600 & i=$((i+1)); done'
    const uid = world.create({
      restartPolicy: 'Never',
      volumes: [{ name: 'shared', emptyDir: {} }],
      containers: [
        world.run('first', `${many}; touch /shared/full; exec sleep 600`, {
          volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
        }),
        world.run('second', `while [ ! -e /shared/full ]; do sleep 0.1; done; ${many}; echo no limit`, {
          volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
        }),
      ],
    })
    const second = (): unknown =>
      world.api.pod(uid)?.status?.containerStatuses?.find(({ name }) => name === 'second')?.state?.terminated
    await world.eventually(() => second() !== undefined)
    expect(await world.logsOf(uid, 'second')).toMatch(/can't fork|Cannot fork/)
    expect(await world.logsOf(uid, 'second')).not.toContain('no limit')
    const running = world.containerStatus(uid)!.containerID!.replace('docker://', '')
    await world.eventually(async () => {
      const { containers } = await world.runtime.usage({ containers: [running], sandboxes: [] })
      return containers.get(running)?.processes === 51
    })
  })
})

describe('kernel parameters that the node allows beyond the safe ones', () => {
  it('are set in the namespaces of the pod', async () => {
    const sysctls = [{ name: 'kernel.msgmax', value: '12345' }]
    expect(await print('cat /proc/sys/kernel/msgmax', { securityContext: { sysctls } })).toBe('12345')
  })
})
