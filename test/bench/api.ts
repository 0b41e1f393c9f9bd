/**
 * Measures the API server over HTTPS with 32 concurrent clients, the server in a process of its own. Prints JSON.
 *
 * `--kubeconfig FILE` measures another server instead, a real kube-apiserver for one (see `openServer` for what it has to
 * be like); `--pids a,b` names the processes whose time and memory are told, kube-apiserver's and etcd's.
 */
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { openServer, startOwnServer, type BenchServer } from './bench-server.ts'
import { BenchClient, type ServerAccess } from './http-client.ts'
import { openMarkWatch } from './mark-watch.ts'
import { measure, percentile } from './measure.ts'
import { processUse } from './process-use.ts'

const clientCount = 32
const podCount = 2000
const watcherCount = 50
const updateCount = 200
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

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
const statusPatch = (message: string): string =>
  JSON.stringify({ status: { phase: 'Running', podIP: '10.0.0.1', message } })
const strategic = 'application/strategic-merge-patch+json'

const residentMiB = (pids: number[]): number[] =>
  pids.map((pid) => Math.round(processUse(pid).rssBytes / 1024 / 1024))

/** Figures with the servers' processor time, which says what the rates do not where the machine has other work. */
async function withCpu<T extends object>(pids: number[], figures: () => Promise<T>): Promise<T> {
  const cpuSeconds = (): number => pids.reduce((sum, pid) => sum + processUse(pid).cpuSeconds, 0)
  const before = cpuSeconds()
  const measured = await figures()
  return { ...measured, serverCpuSeconds: Number((cpuSeconds() - before).toFixed(2)) }
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
      openMarkWatch(access, `${namespace}/pods?watch=true&resourceVersion=${version}`, (mark) => {
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

async function measureLists(clients: BenchClient[], pids: number[]): Promise<object> {
  const one = clients.slice(0, 1)
  const times = 30
  const pods = `${namespace}/pods`
  const list = (path: string, accept?: string) =>
    withCpu(pids, () =>
      measure(one, times, (client) => client.request('GET', path, accept ? { accept } : {})),
    )
  const { body } = await one[0]!.request('GET', pods)
  const eight = clients.slice(0, 8)
  return {
    bytes: body.length,
    cached: await list(`${pods}?resourceVersion=0`),
    consistent: await list(pods),
    table: await list(pods, table),
    label: await list(`${pods}?labelSelector=app%3Dapp-3`),
    eightAtOnce: await withCpu(pids, () =>
      measure(eight, 80, (client) => client.request('GET', `${pods}?resourceVersion=0`)),
    ),
  }
}

/**
 * All clients write the status of one pod. A server that tries again for as long as others were quicker may never be
 * done, so there is an end to it; `refused` counts what was given up (409, 504).
 */
async function measureContention(clients: BenchClient[]): Promise<object> {
  let refused = 0
  const write = async (client: BenchClient, index: number): Promise<void> => {
    const body = statusPatch(`one ${index}`)
    const call = client.request('PATCH', `${namespace}/pods/pod-0/status`, { body, type: strategic })
    await call.catch((error: unknown) => {
      if (!/: (409|504) /.test(String(error))) throw error
      refused++
    })
  }
  const figures = await measure(clients, 3000, write, 15_000)
  return { ...figures, refused }
}

async function run({ access, pids }: BenchServer): Promise<object> {
  const clients = await Promise.all(Array.from({ length: clientCount }, () => BenchClient.open(access)))
  const warm = (index: number) => index + 100_000
  await measure(clients, 500, (client, index) =>
    client.request('POST', `${namespace}/configmaps`, { body: configMap(warm(index)) }),
  )
  const results: Record<string, unknown> = {}
  const step = async (name: string, figures: () => Promise<object>): Promise<void> => {
    results[name] = await withCpu(pids, figures)
  }
  const many = (
    name: string,
    count: number,
    operation: (client: BenchClient, index: number) => Promise<unknown>,
  ) => step(name, () => measure(clients, count, operation))
  await many('createConfigMap', 3000, (client, index) =>
    client.request('POST', `${namespace}/configmaps`, { body: configMap(index) }),
  )
  await many('createPod', podCount, (client, index) =>
    client.request('POST', `${namespace}/pods`, { body: pod(index) }),
  )
  await many('get', 6000, (client, index) =>
    client.request('GET', `${namespace}/pods/pod-${index % podCount}`),
  )
  await many('strategicPatch', 3000, (client, index) => {
    const body = JSON.stringify({ metadata: { annotations: { touched: String(index) } } })
    return client.request('PATCH', `${namespace}/pods/pod-${index % podCount}`, { body, type: strategic })
  })
  await many('statusPatch', 3000, (client, index) =>
    client.request('PATCH', `${namespace}/pods/pod-${index % podCount}/status`, {
      body: statusPatch(`bench ${index}`),
      type: strategic,
    }),
  )
  await step('oneStatus', () => measureContention(clients))
  results['lists'] = await measureLists(clients, pids)
  // The first round is the code's first too; what a server that has run for a while does shows in the later ones.
  for (const round of ['first', 'second', 'third']) {
    await step(`watch ${round}`, () => measureWatch(access, clients, round))
  }
  results['residentMiB'] = residentMiB(pids)
  await many('delete', 3000, (client, index) =>
    client.request('DELETE', `${namespace}/configmaps/config-${index}`),
  )
  for (const client of clients) client.close()
  return results
}

const { values } = parseArgs({
  options: { kubeconfig: { type: 'string' }, pids: { type: 'string', default: '' } },
})
const pids = values.pids.split(',').filter(Boolean).map(Number)
const server = await (values.kubeconfig === undefined
  ? startOwnServer()
  : openServer(values.kubeconfig, pids))
try {
  process.stdout.write(`${JSON.stringify(await run(server), null, 2)}\n`)
} finally {
  await server.close()
}
