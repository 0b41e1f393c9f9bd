/**
 * Measures the API server over HTTPS with 32 concurrent clients, the server in a process of its own. Prints JSON.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { bundledServer } from './bundled-server.ts'
import { BenchClient, type ServerAccess } from './http-client.ts'
import { measure, percentile } from './measure.ts'
import { nodeFlags, root } from './node-flags.ts'

const clientCount = 32
const podCount = 2000
const watcherCount = 50
const updateCount = 200
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

async function startServer(directory: string): Promise<{ child: ChildProcess; access: ServerAccess }> {
  const entry = process.env['BENCH_SERVER'] ?? (await bundledServer())
  const child = spawn(process.execPath, [...nodeFlags, entry, directory], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../out/compile-cache') },
  })
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, access: JSON.parse(line) as ServerAccess }
  }
  throw new Error('the server ended before it was ready')
}

function configMap(index: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `config-${index}`, labels: { app: 'bench' } },
    data: { key: 'value', text: 'x'.repeat(512) },
  })
}

function pod(index: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${index}`,
      labels: { app: `app-${index % 10}`, tier: index % 2 === 0 ? 'front' : 'back' },
      annotations: { note: 'made by the API benchmark '.repeat(8) },
    },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'registry.example.com/team/service:1.2.3',
          env: Array.from({ length: 8 }, (_, n) => ({ name: `VARIABLE_${n}`, value: `some value ${n}` })),
          ports: [{ containerPort: 8080, name: 'http' }],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
        },
      ],
    },
  })
}

const namespace = '/api/v1/namespaces/default'
const markKey = '"bench-mark":"'
const strategic = 'application/strategic-merge-patch+json'

async function residentMiB(client: BenchClient): Promise<number> {
  const { body } = await client.request('GET', '/metrics')
  const bytes = /^process_resident_memory_bytes ([\d.e+]+)$/m.exec(body.toString())?.[1]
  return Math.round(Number(bytes) / 1024 / 1024)
}

/**
 * Opens watches, updates pods, and sees when every watcher has heard of every update. `round` tells the updates of one
 * call from those of another: an update that changes nothing is no event.
 */
async function measureWatch(access: ServerAccess, clients: BenchClient[], round: string): Promise<object> {
  const sentAt = new Map<string, number>()
  const latencies: number[] = []
  let received = 0
  const done = Promise.withResolvers<void>()
  const { body } = await clients[0]!.request('GET', `${namespace}/pods?limit=1`)
  const version = (JSON.parse(body.toString()) as { metadata: { resourceVersion: string } }).metadata
    .resourceVersion
  const watches = await Promise.all(
    Array.from({ length: watcherCount }, () =>
      openWatch(access, `${namespace}/pods?watch=true&resourceVersion=${version}`, (mark) => {
        const at = sentAt.get(mark)
        if (at === undefined) return
        latencies.push(performance.now() - at)
        if (++received === watcherCount * updateCount) done.resolve()
      }),
    ),
  )
  const startedAt = performance.now()
  await measure(clients.slice(0, 4), updateCount, async (client, index) => {
    const mark = `${round}-${index}`
    sentAt.set(mark, performance.now())
    const patch = JSON.stringify({ metadata: { annotations: { 'bench-mark': mark } } })
    await client.request('PATCH', `${namespace}/pods/pod-${index}`, { body: patch, type: strategic })
  })
  await done.promise
  const seconds = (performance.now() - startedAt) / 1000
  for (const close of watches) close()
  return {
    watchers: watcherCount,
    updates: updateCount,
    eventsPerSecond: Math.round(received / seconds),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
}

/** Opens a watch and reports the mark in each event; looks at nothing else, to leave the processor to the server. */
function openWatch(access: ServerAccess, path: string, onMark: (mark: string) => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const { host, port, ca, certificate: cert, key } = access
    const call = request({ host, port, ca, cert, key, path, agent: false }, (response) => {
      let rest: Buffer = Buffer.alloc(0)
      response.on('data', (chunk: Buffer) => {
        const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
        let from = 0
        for (let at = data.indexOf(markKey); at >= 0; at = data.indexOf(markKey, from)) {
          const end = data.indexOf('"', at + markKey.length)
          if (end < 0) break
          onMark(data.toString('latin1', at + markKey.length, end))
          from = end
        }
        rest = data.subarray(Math.max(from, data.length - 64))
      })
      response.on('error', () => undefined)
      resolve(() => call.destroy())
    })
    call.on('error', reject)
    call.end()
  })
}

async function measureLists(clients: BenchClient[]): Promise<object> {
  const one = clients.slice(0, 1)
  const times = 30
  const pods = `${namespace}/pods`
  const list = (path: string, accept?: string) =>
    measure(one, times, (client) => client.request('GET', path, accept ? { accept } : {}))
  const { body } = await one[0]!.request('GET', pods)
  const eight = clients.slice(0, 8)
  return {
    bytes: body.length,
    cached: await list(`${pods}?resourceVersion=0`),
    consistent: await list(pods),
    table: await list(pods, table),
    label: await list(`${pods}?labelSelector=app%3Dapp-3`),
    eightAtOnce: await measure(eight, 80, (client) => client.request('GET', `${pods}?resourceVersion=0`)),
  }
}

async function run(access: ServerAccess): Promise<object> {
  const clients = await Promise.all(Array.from({ length: clientCount }, () => BenchClient.open(access)))
  const first = clients[0]!
  const statusPatch = JSON.stringify({ status: { phase: 'Running', podIP: '10.0.0.1', message: 'bench' } })
  const warm = (index: number) => index + 100_000
  await measure(clients, 500, (client, index) =>
    client.request('POST', `${namespace}/configmaps`, { body: configMap(warm(index)) }),
  )
  const results: Record<string, unknown> = {}
  results['createConfigMap'] = await measure(clients, 3000, (client, index) =>
    client.request('POST', `${namespace}/configmaps`, { body: configMap(index) }),
  )
  results['createPod'] = await measure(clients, podCount, (client, index) =>
    client.request('POST', `${namespace}/pods`, { body: pod(index) }),
  )
  results['get'] = await measure(clients, 6000, (client, index) =>
    client.request('GET', `${namespace}/pods/pod-${index % podCount}`),
  )
  results['strategicPatch'] = await measure(clients, 3000, (client, index) => {
    const body = JSON.stringify({ metadata: { annotations: { touched: String(index) } } })
    return client.request('PATCH', `${namespace}/pods/pod-${index % podCount}`, { body, type: strategic })
  })
  results['statusPatch'] = await measure(clients, 3000, (client, index) =>
    client.request('PATCH', `${namespace}/pods/pod-${index % podCount}/status`, {
      body: statusPatch.replace('bench', `bench ${index}`),
      type: strategic,
    }),
  )
  results['oneStatus'] = await measure(clients, 3000, (client, index) =>
    client.request('PATCH', `${namespace}/pods/pod-0/status`, {
      body: statusPatch.replace('bench', `one ${index}`),
      type: strategic,
    }),
  )
  results['lists'] = await measureLists(clients)
  // The first round is the code's first too; what a server that has run for a while does shows in the later ones.
  for (const round of ['first', 'second', 'third']) {
    results[`watch ${round}`] = await measureWatch(access, clients, round)
  }
  results['residentMiB'] = await residentMiB(first)
  results['delete'] = await measure(clients, 3000, (client, index) =>
    client.request('DELETE', `${namespace}/configmaps/config-${index}`),
  )
  for (const client of clients) client.close()
  return results
}

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-bench-'))
const { child, access } = await startServer(directory)
try {
  process.stdout.write(`${JSON.stringify(await run(access), null, 2)}\n`)
} finally {
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
  rmSync(directory, { recursive: true, force: true })
}
