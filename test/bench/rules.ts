/**
 * `npm run bench:rules`: how long it takes until a change of a Service's endpoints is in the network rules of every pod, on
 * Docker. Pods of one Deployment run on one node; an EndpointSlice gets another address, and `nft monitor` in each pod's
 * network namespace tells when the rule came. Prints one JSON object: milliseconds from the request to the rule in any pod,
 * and to the last pod of a change. `--pods N` (default 50), `--changes N` (default 40, at most 200).
 */
import {
  AppsV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  KubeConfig,
  type V1EndpointSlice,
} from '@kubernetes/client-node'
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { run } from '../harness/clients.ts'
import { containerNames, disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { percentile } from './measure.ts'
import { heapFlags } from './node-flags.ts'

const { values } = parseArgs({
  options: { pods: { type: 'string', default: '50' }, changes: { type: 'string', default: '40' } },
})
const podCount = Number(values.pods)
const changes = Number(values.changes)
const namespace = 'default'
const name = 'bench'
const labels = { app: name }
const patienceMs = 600_000
/** The first changes only show that every pod is followed. */
const warmUpMs = 5_000
const quietMs = 2_000

const container = {
  name: 'c',
  image: 'busybox',
  imagePullPolicy: 'IfNotPresent',
  command: ['sleep', '1000000'],
}

/** A slice whose address no other change has. */
function sliceOf(change: number): V1EndpointSlice {
  return {
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: [`10.200.${change}.77`], conditions: { ready: true } }],
  }
}

/** When the newest change came to each pod, by the pod's process. Changes must be so far apart that each is seen by all. */
class Arrivals {
  times = new Map<string, number>()
  lastAt = 0
  readonly #mark: string

  /** `address`: the Service's own. Its element is written anew with each change of what stands behind it. */
  constructor(address: string) {
    this.#mark = `add element ip wheelhouse services { ${address} `
  }

  note(pid: string, line: string): void {
    if (!line.startsWith(this.#mark)) return
    this.lastAt = performance.now()
    if (!this.times.has(pid)) this.times.set(pid, this.lastAt)
  }
}

/** Follows the rules of all pods. */
async function followRules(
  cluster: RunningCluster,
  arrivals: Arrivals,
): Promise<{ child: ChildProcess; pods: number }> {
  const [agent] = await containerNames(cluster, /^wheelhouse_agent_/)
  const sandboxes = await containerNames(cluster, new RegExp(`^k8s_POD_${name}-`))
  const inspected = await run('docker', ['inspect', '--format', '{{.State.Pid}}', ...sandboxes])
  const pids = inspected.stdout.trim().split('\n')
  const monitors = pids.map(
    (pid) => `nsenter -t ${pid} -n nft monitor | while read -r line; do echo "${pid} $line"; done &`,
  )
  // What nft says of sets without a name is of no use here, so nobody reads its errors.
  const child = spawn('docker', ['exec', agent!, 'sh', '-c', `${monitors.join('\n')}\nwait`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const space = line.indexOf(' ')
    arrivals.note(line.slice(0, space), line.slice(space + 1))
  })
  return { child, pods: pids.length }
}

/** Makes the pods, and the Service; gives the Service's address. */
async function makePods(config: KubeConfig): Promise<string> {
  const core = config.makeApiClient(CoreV1Api)
  const template = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  }
  await config.makeApiClient(AppsV1Api).createNamespacedDeployment({
    namespace,
    body: { metadata: { name }, spec: { replicas: podCount, selector: { matchLabels: labels }, template } },
  })
  const { spec } = await core.createNamespacedService({
    namespace,
    body: { metadata: { name }, spec: { ports: [{ port: 80 }] } },
  })
  await eventually(
    'all pods are Running',
    async () => {
      const { items } = await core.listNamespacedPod({ namespace, fieldSelector: 'status.phase=Running' })
      return items.length === podCount
    },
    patienceMs,
  )
  return spec?.clusterIP ?? ''
}

const cluster = await startCluster({
  args: ['--name', 'bench-rules', '--log-level', 'warn'],
  nodeArgs: heapFlags,
})
try {
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  const discovery = config.makeApiClient(DiscoveryV1Api)
  const arrivals = new Arrivals(await makePods(config))
  await discovery.createNamespacedEndpointSlice({ namespace, body: sliceOf(0) })
  const { child, pods } = await followRules(cluster, arrivals)
  let number = 0
  let began = 0
  const change = async (): Promise<void> => {
    arrivals.times = new Map()
    began = performance.now()
    await discovery.replaceNamespacedEndpointSlice({ name, namespace, body: sliceOf(++number) })
  }
  await eventually(
    'every pod is followed',
    async () => {
      if (arrivals.times.size === pods) return true
      if (performance.now() - began > warmUpMs) await change()
      return undefined
    },
    patienceMs,
  )
  await eventually('nothing is on its way', () => performance.now() - arrivals.lastAt > quietMs, patienceMs)
  const each: number[] = []
  const last: number[] = []
  for (let left = changes; left > 0; left--) {
    await change()
    await eventually('the change is in every pod', () => arrivals.times.size === pods, patienceMs)
    const times = [...arrivals.times.values()].map((at) => at - began)
    each.push(...times)
    last.push(Math.max(...times))
  }
  child.kill('SIGTERM')
  const figures = (times: number[]): object => ({
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  })
  process.stdout.write(
    `${JSON.stringify({ pods, changes, anyPod: figures(each), lastPod: figures(last) }, null, 2)}\n`,
  )
} finally {
  await disposeCluster(cluster)
}
