import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { useDockerWorld } from './testing/use-docker-world.ts'
import { freePort } from '../util/testing/free-port.ts'

const under = useDockerWorld()
const { phaseOf } = under

describe('volumes on Docker', () => {
  it('are updated in one step, without what was removed, and are read-only', async () => {
    under.world.api.configMaps.set('default/cfg', {
      metadata: { name: 'cfg' },
      data: { keep: 'one', gone: 'x', '.hidden': 'h' },
    })
    const uid = under.world.create({
      volumes: [
        {
          name: 'cfg',
          projected: {
            sources: [{ configMap: { name: 'cfg' } }, { secret: { name: 'absent', optional: true } }],
          },
        },
      ],
      containers: [
        under.world.run('app', 'sleep 1000', { volumeMounts: [{ name: 'cfg', mountPath: '/cfg' }] }),
      ],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Running')
    const list = [
      'sh',
      '-c',
      'cd /cfg; ls -A | grep -v "^\\.\\.2" | tr "\\n" " "; cat keep; echo x 2>/dev/null > keep || echo ro',
    ]
    expect(await under.world.exec(uid, 'app', list)).toBe('..data .hidden gone keep onero\n')
    const [sandbox] = await under.world.runtime.listSandboxes(uid)
    const encode = (content: string): Uint8Array => Buffer.from(content)
    await under.world.runtime.writeVolume(sandbox!.id, 'cfg', [
      { path: 'keep', content: encode('two'), mode: 0o644 },
      { path: 'deep/er', content: encode('new'), mode: 0o600 },
    ])
    expect(await under.world.exec(uid, 'app', list)).toBe('..data deep keep tworo\n')
    const versions = await under.world.exec(uid, 'app', [
      'sh',
      '-c',
      'ls -d /cfg/..2* | wc -l; cat /cfg/deep/er',
    ])
    expect(versions).toBe('1\nnew')
  })

  it('belong to the pod’s fsGroup, so that another user than root can use them', async () => {
    under.world.api.secrets.set('default/keys', {
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
    const uid = under.world.create({
      restartPolicy: 'Never',
      securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000] },
      volumes: [
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } },
        { name: 'disk', emptyDir: {} },
        { name: 'ram', emptyDir: { medium: 'Memory' } },
        { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
      containers: [under.world.run('app', script, { volumeMounts })],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await under.world.logsOf(uid, 'app')).toBe(
      'uid=1000 gid=3000 groups=2000,3000,4000\ns3cret\n440 0:2000\n3777 0:2000\n2777 0:2000\n3777 0:2000\n640 1000:2000\n1000:2000\n',
    )
  })
})

describe('namespaces and names on Docker', () => {
  it('are shared as the pod asks', async () => {
    const uid = under.world.create({
      shareProcessNamespace: true,
      hostname: 'front',
      subdomain: 'pods',
      hostAliases: [{ ip: '10.9.8.7', hostnames: ['db', 'database'] }],
      containers: [under.world.run('one', 'sleep 1234'), under.world.run('two', 'sleep 1000')],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Running')
    const processes = await under.world.exec(uid, 'two', ['ps'])
    expect(processes).toContain('sleep 1234')
    expect(processes).toContain('pause')
    expect(await under.world.exec(uid, 'two', ['hostname'])).toBe('front\n')
    expect(await under.world.exec(uid, 'two', ['hostname', '-f'])).toBe(
      'front.pods.default.svc.cluster.local\n',
    )
    const hosts = await under.world.exec(uid, 'two', ['cat', '/etc/hosts'])
    expect(hosts.split('\n')[0]).toBe('# Kubernetes-managed hosts file.')
    expect(hosts).toContain('\tfront.pods.default.svc.cluster.local\tfront\n')
    expect(hosts).toContain('\n10.9.8.7\tdb\tdatabase\n')
  })

  it('can be the node’s', async () => {
    const uid = under.world.create({
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      containers: [under.world.run('app', 'sleep 1000')],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Running')
    const { podIP = '', hostIP } = under.world.api.pod(uid)!.status!
    expect(podIP).toBe(hostIP)
    expect(await under.world.exec(uid, 'app', ['ps'])).toContain('dockerd')
    expect(await under.world.exec(uid, 'app', ['ip', 'address'])).toContain(`inet ${podIP}/`)
    expect(await under.world.exec(uid, 'app', ['hostname'])).toBe('node-1\n')
    expect(await under.world.exec(uid, 'app', ['head', '-n1', '/etc/hosts'])).toContain('(host network)')
  })

  it('publishes host ports', async () => {
    const port = await freePort()
    const ports = [{ containerPort: 8080, hostPort: port, hostIP: '127.0.0.1' }]
    const uid = under.world.create({
      containers: [under.world.run('app', 'while true; do nc -l -p 8080 -e echo here; done', { ports })],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Running')
    let answer = ''
    await under.world.eventually(async () => {
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
    const uid = under.world.create({
      restartPolicy: 'Never',
      volumes,
      initContainers: [under.world.run('write', write, { volumeMounts })],
      containers: [under.world.run('app', 'echo "$SAID"', { env })],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Succeeded')
    expect(await under.world.logsOf(uid, 'app')).toBe('hello there\n')

    const outside = under.world.create(
      {
        restartPolicy: 'Never',
        volumes,
        initContainers: [under.world.run('write', 'ln -s /etc/passwd /data/app.env', { volumeMounts })],
        containers: [under.world.run('app', 'true', { env })],
      },
      'outside',
    )
    await under.world.eventually(
      () => under.world.containerStatus(outside)?.state?.waiting?.message === "couldn't parse env file",
    )
  })
})

describe('an emptyDir with a size limit on Docker', () => {
  it('gets its pod evicted, also for files nobody else may read', async () => {
    const script =
      'mkdir /data/own; umask 077; dd if=/dev/zero of=/data/own/file bs=1M count=3 2>/dev/null; chmod 700 /data/own; sleep 1000'
    const uid = under.world.create({
      securityContext: { runAsUser: 1000 },
      volumes: [{ name: 'data', emptyDir: { sizeLimit: '2Mi' } }],
      containers: [under.world.run('app', script, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
    })
    await under.world.eventually(() => phaseOf(uid) === 'Failed')
    expect(under.world.api.pod(uid)!.status).toMatchObject({
      reason: 'Evicted',
      message: 'Usage of EmptyDir volume "data" exceeds the limit "2Mi". ',
    })
  })

  it('in memory keeps its files over a restart and takes no more than its size', async () => {
    const script =
      'if [ -e /ram/kept ]; then cat /ram/kept; df -k /ram | tail -1; sleep 1000; else echo kept > /ram/kept; exit 1; fi'
    const uid = under.world.create({
      volumes: [{ name: 'ram', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
      containers: [under.world.run('app', script, { volumeMounts: [{ name: 'ram', mountPath: '/ram' }] })],
    })
    await under.world.eventually(
      () => under.world.containerStatus(uid)?.restartCount === 1 && phaseOf(uid) === 'Running',
    )
    let log = ''
    await under.world.eventually(async () => (log = await under.world.logsOf(uid, 'app')).includes('/ram'))
    expect(log).toMatch(/^kept\ntmpfs\s+1024\s/)
  })
})
