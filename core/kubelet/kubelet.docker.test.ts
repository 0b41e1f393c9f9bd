import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDockerWorld } from './testing/docker-world.ts'
import type { DockerWorld } from './testing/docker-world.ts'

let world: DockerWorld

beforeAll(async () => {
  world = await createDockerWorld()
})
afterEach(() => world.removePods())
afterAll(() => world[Symbol.asyncDispose]())

const isRunning = (uid: string) => () => world.api.pod(uid)?.status?.phase === 'Running'
const isReady = (uid: string, restarts: number) => () =>
  world.containerStatus(uid)?.ready === true && world.containerStatus(uid)?.restartCount === restarts

describe('a pod on Docker', () => {
  it('has its containers share localhost, volumes, environment and resolv.conf', async () => {
    world.api.configMaps.set('default/settings', {
      metadata: { name: 'settings' },
      data: { 'app.conf': 'port=80\n', mode: 'fast' },
    })
    world.api.secrets.set('default/keys', {
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
    const uid = world.create({
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
      initContainers: [world.run('prepare', 'echo from init > /scratch/note', { volumeMounts: mounts })],
      containers: [
        world.run('server', 'while ! nc -l -p 8080 -e echo hello; do :; done; sleep 1', {
          volumeMounts: mounts,
        }),
        world.run('client', '', {
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
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Succeeded')
    const { podIP } = world.api.pod(uid)!.status!
    const log = await world.logsOf(uid, 'client')
    expect(log).toContain('hello\nfrom init\nport=80\nport=80\n400\n777\ns3cret\n')
    expect(log).toContain('token-of-web-for-api\napp="web"\n')
    expect(log).toContain('nameserver 10.96.0.10\n')
    expect(log).toContain(`web\nat-${podIP} fast 64 10.96.0.1 zero-fast\n`)
  })

  it('is restarted when its container is killed, and keeps the log of the one before', async () => {
    const uid = world.create({ containers: [world.run('app', 'echo attempt; sleep 1000')] })
    await world.eventually(isRunning(uid))
    await world.eventually(async () => (await world.logsOf(uid, 'app')) === 'attempt\n')
    const before = world.containerStatus(uid)!
    await world.docker.getContainer(before.containerID!.replace('docker://', '')).kill()
    await world.eventually(isReady(uid, 1))
    expect(world.containerStatus(uid)!.lastState?.terminated).toMatchObject({
      exitCode: 137,
      containerID: before.containerID,
    })
    const previous = await world.kubelet.backend.logs(
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
    const uid = world.create({ containers: [world.run('app', 'sleep 1000')] })
    await world.eventually(isReady(uid, 0))
    const before = (await world.listContainers(uid)).map(({ Id }) => Id).sort()
    const status = world.api.pod(uid)!.status
    await world.shutDown()
    world.network.addresses.clear()
    await world.boot()
    await world.eventually(() => world.network.setUps.filter((podUid) => podUid === uid).length === 2)
    expect(world.network.addresses.get(uid)).toBe(status!.podIP)
    expect((await world.listContainers(uid)).map(({ Id }) => Id).sort()).toEqual(before)
    expect(world.api.pod(uid)!.status).toEqual(status)
  })

  it('gets a new sandbox when the old one was killed, with the same address', async () => {
    const uid = world.create({ containers: [world.run('app', 'sleep 1000')] })
    await world.eventually(isReady(uid, 0))
    const { podIP } = world.api.pod(uid)!.status!
    const [sandbox] = await world.runtime.listSandboxes(uid)
    await world.docker.getContainer(sandbox!.id).kill()
    await world.eventually(isReady(uid, 1))
    expect(world.api.pod(uid)!.status!.podIP).toBe(podIP)
    expect(await world.runtime.listSandboxes(uid)).toMatchObject([{ attempt: 1, state: 'ready' }])
  })

  it('says why a command cannot run', async () => {
    const uid = world.create({ containers: [world.run('app', '', { command: ['/no/such/program'] })] })
    await world.eventually(() => world.containerStatus(uid)?.lastState?.terminated?.reason === 'StartError')
    expect(world.containerStatus(uid)!.lastState!.terminated!.exitCode).toBe(128)
    expect(world.containerStatus(uid)!.state?.waiting?.reason).toMatch(/RunContainerError|CrashLoopBackOff/)
    expect(
      world.api.events.some(
        ({ reason, message }) => reason === 'Failed' && message.includes('/no/such/program'),
      ),
    ).toBe(true)
  })

  it('serves exec and port-forward', async () => {
    const uid = world.create({ containers: [world.run('app', 'while true; do nc -l -p 9000 -e cat; done')] })
    await world.eventually(isReady(uid, 0))
    const target = { namespace: 'default', name: 'web', uid }
    const session = await world.kubelet.backend.exec(target, {
      container: 'app',
      command: ['/bin/sh', '-c', 'echo $((40+2)); exit 4'],
      tty: false,
      stdin: false,
    })
    expect(await text(session.stdout)).toBe('42\n')
    expect(await session.exit).toBe(4)
    const stream = await world.kubelet.backend.portForward(target, 9000)
    stream.write('ping\n')
    const [answer] = (await once(stream, 'data')) as [Buffer]
    expect(String(answer)).toBe('ping\n')
    stream.destroy()
    await expect(world.kubelet.backend.portForward(target, 9001)).rejects.toMatchObject({
      message: expect.stringContaining('refused'),
    })
  })

  it('becomes ready by httpGet and is restarted by liveness', async () => {
    const answer = "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok'"
    const script = `while [ ! -e /tmp/stop ]; do nc -l -p 8080 -e sh -c "read x; ${answer.replaceAll('"', '\\"').replaceAll('\\\\', '\\\\\\\\')}"; done; sleep 1000`
    const uid = world.create({
      containers: [
        world.run('app', script, {
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, timeoutSeconds: 20 },
          livenessProbe: {
            exec: { command: ['test', '!', '-e', '/tmp/bad'] },
            periodSeconds: 1,
            timeoutSeconds: 20,
          },
        }),
      ],
    })
    await world.eventually(isReady(uid, 0))
    const session = await world.kubelet.backend.exec(
      { namespace: 'default', name: 'web', uid },
      { container: 'app', command: ['touch', '/tmp/bad'], tty: false, stdin: false },
    )
    await session.exit
    await world.eventually(isReady(uid, 1))
    expect(world.api.events.map(({ message }) => message)).toContain(
      'Container app failed liveness probe, will be restarted',
    )
  })

  it('leaves nothing behind', async () => {
    const uid = world.create({
      volumes: [
        { name: 'scratch', emptyDir: {} },
        { name: 'ram', emptyDir: { medium: 'Memory' } },
      ],
      containers: [
        world.run('app', 'sleep 1000', {
          volumeMounts: [
            { name: 'scratch', mountPath: '/a' },
            { name: 'ram', mountPath: '/b' },
          ],
        }),
      ],
    })
    await world.eventually(isRunning(uid))
    expect(await world.runtime.listVolumeOwners()).toContain(uid)
    world.api.requestDeletion(uid, 1, Date.now())
    await world.eventually(() => world.api.pod(uid) === undefined)
    expect(await world.listContainers(uid)).toEqual([])
    expect(await world.runtime.listVolumeOwners()).not.toContain(uid)
    expect(world.network.addresses.has(uid)).toBe(false)
  })
})
