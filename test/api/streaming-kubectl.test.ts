import { createHash, randomBytes } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Pod } from '../../core/api/generated/core-v1.ts'
import { createFakeNodeBackend } from '../../core/server/streaming/fake-node-backend.ts'
import { startFakePodServer, type FakePodServer } from '../../core/server/streaming/fake-pod-server.ts'
import { clientBinary, run, type CommandResult, type KubectlVersion } from '../harness/clients.ts'

const pod: Pod = {
  metadata: { name: 'web', namespace: 'default', uid: '11111111-2222-3333-4444-555555555555' },
  spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'app', stdin: true, tty: true }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      { name: 'app', image: 'app', imageID: '', ready: true, restartCount: 0, state: { running: {} } },
    ],
  },
}

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-streaming-'))
const kubeconfig = join(directory, 'config')
let server: FakePodServer
let children: ChildProcess[] = []

beforeAll(async () => {
  const key = join(directory, 'key.pem')
  const certificate = join(directory, 'cert.pem')
  const made = await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...[
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
  ])
  expect(made.code, made.stderr).toBe(0)
  server = await startFakePodServer({
    key: readFileSync(key, 'utf8'),
    certificate: readFileSync(certificate, 'utf8'),
    pods: [pod],
    backend: createFakeNodeBackend(),
  })
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority': certificate } }],
    users: [{ name: 'u', user: { token: 'x' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
})

afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
})

afterEach(() => {
  for (const child of children) child.kill()
  children = []
})

const forms: Array<{ name: string; version: KubectlVersion; env: Record<string, string>; upgrade: string }> =
  [
    { name: 'kubectl 1.27 over SPDY', version: '27', env: {}, upgrade: 'POST SPDY/3.1' },
    { name: 'kubectl 1.36 over WebSocket', version: '36', env: {}, upgrade: 'GET websocket' },
    {
      name: 'kubectl 1.36 over SPDY',
      version: '36',
      env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
      upgrade: 'POST SPDY/3.1',
    },
  ]

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Listens in the place of a pod's process. */
async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const listener = createServer({ allowHalfOpen: true }, onConnection)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return listener
}

describe.each(forms)('$name', ({ version, env, upgrade }) => {
  function kubectl(args: string[], stdin?: string): Promise<CommandResult> {
    const options = { env: { ...env, HOME: directory }, timeoutMs: 50_000 }
    const binary = clientBinary('kubectl', version)
    return run(
      binary,
      ['--kubeconfig', kubeconfig, ...args],
      stdin === undefined ? options : { ...options, stdin },
    )
  }

  /** A running port-forward and the local port it listens on. */
  async function portForward(port: number): Promise<number> {
    const args = ['--kubeconfig', kubeconfig, 'port-forward', 'pod/web', `:${port}`]
    const child = spawn(clientBinary('kubectl', version), args, {
      env: { ...process.env, ...env, HOME: directory },
    })
    children.push(child)
    let output = ''
    return new Promise((resolve, reject) => {
      const look = (chunk: Buffer): void => {
        output += chunk.toString()
        const match = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(output)
        if (match) resolve(Number(match[1]))
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.once('exit', () => reject(new Error(`port-forward ended: ${output}`)))
    })
  }

  it('execs with stdin, keeps stdout and stderr apart and reports success', async () => {
    server.upgrades.length = 0
    const script = 'cat; echo problem >&2'
    const input = randomBytes(300_000).toString('base64')
    const result = await kubectl(['exec', '-i', 'web', '--', 'sh', '-c', script], input)
    expect(result.stderr).toBe('problem\n')
    expect(digest(Buffer.from(result.stdout))).toBe(digest(Buffer.from(input)))
    expect(result.code).toBe(0)
    expect(server.upgrades).toHaveLength(1)
    expect(server.upgrades[0]).toContain(upgrade)
  })

  it('passes the exit code on', async () => {
    const result = await kubectl(['exec', 'web', '--', 'sh', '-c', 'echo before; exit 7'])
    expect(result.stdout).toBe('before\n')
    expect(result.stderr).toContain('command terminated with exit code 7')
    expect(result.code).toBe(7)
  })

  it('carries 20 MB of output without a change', async () => {
    const result = await kubectl(['exec', 'web', '--', 'sh', '-c', 'head -c 15000000 /dev/zero | base64'])
    const zeros = Buffer.alloc(15_000_000).toString('base64').replace(/.{76}/g, '$&\n')
    expect(digest(Buffer.from(result.stdout.trim()))).toBe(digest(Buffer.from(zeros.trim())))
  })

  it('gives a terminal its size and its keys', async () => {
    const command = [
      clientBinary('kubectl', version),
      '--kubeconfig',
      kubeconfig,
      'exec',
      '-it',
      'web',
      '--',
      'sh',
    ]
    const script = `stty cols 91 rows 37; ${command.join(' ')}`
    const child = spawn('script', ['-qec', script, '/dev/null'], {
      env: { ...process.env, ...env, HOME: directory },
    })
    children.push(child)
    let output = ''
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.stdout.on('data', (chunk: Buffer) => {
      if (!output.includes('size') && chunk.toString().includes('size')) child.stdin.write('hello exit')
      output += chunk.toString()
    })
    expect(await ended).toBe(0)
    expect(output).toContain('size 91x37')
    expect(output).toContain('HELLO EXIT')
  })

  it('attaches', async () => {
    const result = await kubectl(['attach', '-i', 'web', '-c', 'app'], 'typed\n')
    expect(result.stdout).toContain('typed')
    expect(result.code).toBe(0)
  })

  it('tells why a container cannot be used', async () => {
    const result = await kubectl(['exec', 'web', '-c', 'nope', '--', 'true'])
    expect(result.stderr).toContain('container nope is not valid for pod web')
    expect(result.code).not.toBe(0)
  })

  it('tells why a command cannot be started', async () => {
    const result = await kubectl(['exec', 'web', '--', '/no/such/program'])
    expect(result.stderr).toContain('error executing command in container')
    expect(result.code).not.toBe(0)
  })

  it('forwards a port: 20 MB each way, intact, with half-close', async () => {
    const download = randomBytes(20_000_000)
    const upload = randomBytes(20_000_000)
    const received = Promise.withResolvers<string>()
    const listener = await listen((socket) => {
      const chunks: Buffer[] = []
      socket.on('data', (chunk) => chunks.push(chunk))
      // kubectl gives up the upload once the download has ended, so the answer waits for the question's end.
      socket.on('end', () => {
        received.resolve(digest(Buffer.concat(chunks)))
        socket.end(download)
      })
    })
    const local = await portForward((listener.address() as AddressInfo).port)
    const client = connect({ port: local, host: '127.0.0.1', allowHalfOpen: true })
    client.end(upload)
    const chunks: Buffer[] = []
    for await (const chunk of client) chunks.push(chunk as Buffer)
    expect(digest(Buffer.concat(chunks))).toBe(digest(download))
    expect(await received.promise).toBe(digest(upload))
    listener.close()
  })

  it('forwards fifty connections at once', async () => {
    const listener = await listen((socket) => void socket.pipe(socket))
    const local = await portForward((listener.address() as AddressInfo).port)
    const echoes = Array.from({ length: 50 }, async (_, index) => {
      const client = connect({ port: local, host: '127.0.0.1', allowHalfOpen: true })
      client.end(`connection ${index}`)
      let text = ''
      for await (const chunk of client) text += String(chunk)
      return text === `connection ${index}`
    })
    expect((await Promise.all(echoes)).every(Boolean)).toBe(true)
    listener.close()
  })
})
