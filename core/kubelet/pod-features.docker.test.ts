import { describe, expect, it } from 'vitest'
import { useDockerWorld } from './testing/use-docker-world.ts'

const under = useDockerWorld()
const { phaseOf } = under

describe('termination messages on Docker', () => {
  it('come from the message file, or from the log where the policy says so', async () => {
    const uid = under.world.create({
      restartPolicy: 'Never',
      containers: [
        under.world.run('file', 'echo noise; printf "the disk is full" > /dev/termination-log; exit 3'),
        under.world.run('path', 'printf custom > /tmp/last-words', {
          terminationMessagePath: '/tmp/last-words',
        }),
        under.world.run('log', 'echo first; echo it broke >&2; exit 1', {
          terminationMessagePolicy: 'FallbackToLogsOnError',
        }),
        under.world.run(
          'long',
          'i=0; while [ $i -lt 500 ]; do printf 0123456789 >> /dev/termination-log; i=$((i+1)); done',
        ),
        under.world.run('silent', 'echo nothing to say; exit 1'),
      ],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Failed')
    const messages = Object.fromEntries(
      under.world.api
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
    const uid = under.world.create({
      containers: [
        under.world.run('app', 'printf "crash $(date +%s)" > /dev/termination-log; sleep 1; exit 1'),
      ],
    })
    await under.world.eventually(() => (under.world.containerStatus(uid)?.restartCount ?? 0) > 0)
    expect(under.world.containerStatus(uid)!.lastState!.terminated!.message).toMatch(/^crash \d+$/)
  })
})

describe('confinement on Docker', () => {
  it('filters system calls as the profile says, and sets safe sysctls', async () => {
    const status = 'grep Seccomp: /proc/self/status; cat /proc/sys/net/ipv4/ip_unprivileged_port_start'
    const uid = under.world.create({
      restartPolicy: 'Never',
      securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '7' }] },
      containers: [
        under.world.run('free', status),
        under.world.run('filtered', status, {
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        }),
      ],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await under.world.logsOf(uid, 'free')).toBe('Seccomp:\t0\n7\n')
    expect(await under.world.logsOf(uid, 'filtered')).toBe('Seccomp:\t2\n7\n')
  })

  it('says OOMKilled of a container that took more memory than its limit', async () => {
    const uid = under.world.create({
      restartPolicy: 'Never',
      volumes: [{ name: 'ram', emptyDir: { medium: 'Memory' } }],
      containers: [
        under.world.run(
          'app',
          'x=; while :; do x="$x$x 0123456789abcdef0123456789abcdef0123456789abcdef"; done',
          {
            resources: { limits: { memory: '16Mi' } },
          },
        ),
      ],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Failed')
    expect(under.world.containerStatus(uid)!.state!.terminated).toMatchObject({
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
    const uid = under.world.create({
      terminationGracePeriodSeconds: 60,
      containers: [under.world.run('app', script, { lifecycle })],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Running')
    expect(await under.world.exec(uid, 'app', ['cat', '/tmp/hook'])).toBe('started\n')
    const [{ Id: id } = { Id: '' }] = (await under.world.listContainers(uid)).filter(({ Names }) =>
      Names[0]?.includes('k8s_app_'),
    )
    const log = await under.world.docker.getContainer(id).logs({ follow: true, stdout: true })
    const lines: string[] = []
    log.on('data', (chunk: Buffer) => lines.push(chunk.toString('latin1')))
    await under.world.eventually(() => lines.join('').includes('armed'))
    under.world.api.requestDeletion(uid, 60, Date.now())
    await under.world.eventually(() => /stopping[^]*usr1/.test(lines.join('')))
    await under.world.eventually(() => under.world.api.pod(uid) === undefined)
  })
})

describe('ephemeral containers on Docker', () => {
  it('join a running pod and see the processes of their target', async () => {
    const uid = under.world.create({ containers: [under.world.run('app', 'sleep 4321')] })
    await under.world.eventually(() => phaseOf(uid) === 'Running')
    const current = under.world.api.pod(uid)!
    const debug = { ...under.world.run('debug', 'ps; hostname; sleep 1; exit 5'), targetContainerName: 'app' }
    under.world.api.createPod({ ...current, spec: { ...current.spec, ephemeralContainers: [debug] } })
    const status = () => under.world.api.pod(uid)?.status?.ephemeralContainerStatuses?.[0]
    await under.world.eventually(() => status()?.state?.terminated?.exitCode === 5)
    expect(await under.world.logsOf(uid, 'debug')).toMatch(/sleep 4321[^]*web\n$/)
    expect(phaseOf(uid)).toBe('Running')
    expect(under.world.containerStatus(uid)!.restartCount).toBe(0)
  })
})
