/**
 * `npm run bench:rules`: how long it takes until a change is in the network rules of every pod, on Docker. Pods of one
 * Deployment run on one node, and `nft monitor` in each pod's network namespace tells when a rule came. Three changes: a
 * Service's EndpointSlice gets another address; a NetworkPolicy that is for all pods allows another block; a pod that the policy
 * allows by its labels comes or goes. Prints one JSON object: for each of them milliseconds from the request to the rule in
 * any pod, and to the last pod of a change. `--pods N` (default 50), `--changes N` (default 40, at most 200).
 */
import {
  AppsV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  KubeConfig,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1EndpointSlice,
  type V1NetworkPolicy,
} from '@kubernetes/client-node'
import { parseArgs } from 'node:util'
import { disposeCluster, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { percentile } from './measure.ts'
import { heapFlags } from './node-flags.ts'
import { followRules, type RuleArrivals } from './rule-arrivals.ts'
import { requireTestImages } from '../tools/requirements.ts'

requireTestImages()
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

/** Something that changes again and again. */
interface Change {
  /** The request that makes it so the n-th time. */
  make(n: number): Promise<unknown>
  /** Whether `nft monitor` tells of it with this line. */
  isTold(line: string): boolean
}

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

/** A policy for all pods, with a block that no other change has. */
function policyOf(change: number): V1NetworkPolicy {
  return {
    metadata: { name },
    spec: {
      podSelector: {},
      ingress: [
        {
          _from: [
            { ipBlock: { cidr: `10.201.${change}.0/24` } },
            { podSelector: { matchLabels: { allowed: 'yes' } } },
          ],
        },
      ],
    },
  }
}

/** Makes the pods. */
async function makePods(config: KubeConfig): Promise<void> {
  const core = config.makeApiClient(CoreV1Api)
  const template = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  }
  await config.makeApiClient(AppsV1Api).createNamespacedDeployment({
    namespace,
    body: { metadata: { name }, spec: { replicas: podCount, selector: { matchLabels: labels }, template } },
  })
  await eventually(
    'all pods are Running',
    async () => {
      const { items } = await core.listNamespacedPod({ namespace, fieldSelector: 'status.phase=Running' })
      return items.length === podCount
    },
    patienceMs,
  )
}

/** The element of a Service's own address is written anew with each change of what stands behind it. */
async function endpointChange(config: KubeConfig): Promise<Change> {
  const discovery = config.makeApiClient(DiscoveryV1Api)
  const { spec } = await config.makeApiClient(CoreV1Api).createNamespacedService({
    namespace,
    body: { metadata: { name }, spec: { ports: [{ port: 80 }] } },
  })
  await discovery.createNamespacedEndpointSlice({ namespace, body: sliceOf(0) })
  const mark = `add element ip wheelhouse services { ${spec?.clusterIP} `
  return {
    make: (n) => discovery.replaceNamespacedEndpointSlice({ name, namespace, body: sliceOf(n) }),
    isTold: (line) => line.startsWith(mark),
  }
}

/** The rule for the block comes with the whole table anew. */
async function policyChange(config: KubeConfig): Promise<Change> {
  const networking = config.makeApiClient(NetworkingV1Api)
  await networking.createNamespacedNetworkPolicy({ namespace, body: policyOf(0) })
  let block = ''
  return {
    make(n) {
      block = ` ip saddr 10.201.${n}.0/24 `
      return networking.replaceNamespacedNetworkPolicy({ name, namespace, body: policyOf(n) })
    },
    isTold: (line) => line.startsWith('add rule ip wheelhouse-policy input ') && line.includes(block),
  }
}

/** The address of one pod becomes an element of a set, or is none any more. */
async function peerChange(config: KubeConfig): Promise<Change> {
  const core = config.makeApiClient(CoreV1Api)
  const { items } = await core.listNamespacedPod({ namespace, limit: 1 })
  const { metadata, status } = items[0]!
  const element = ` element ip wheelhouse-policy input-0 { ${status?.podIP} }`
  const options = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  let verb = ''
  return {
    make(n) {
      verb = n % 2 === 1 ? 'add' : 'delete'
      const body = { metadata: { labels: { allowed: n % 2 === 1 ? 'yes' : null } } }
      return core.patchNamespacedPod({ name: metadata!.name!, namespace, body }, options)
    },
    isTold: (line) => line.startsWith(verb + element),
  }
}

/** Lets it change, each time when the last one has come to all pods. */
async function measureChange(arrivals: RuleArrivals, { make, isTold }: Change): Promise<object> {
  const { pods } = arrivals
  let number = 0
  let began = 0
  const change = async (): Promise<void> => {
    arrivals.await(isTold)
    began = performance.now()
    await make(++number)
  }
  await change()
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
  const figures = (times: number[]): object => ({
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  })
  return { anyPod: figures(each), lastPod: figures(last) }
}

const cluster = await startCluster({
  args: ['--name', 'bench-rules', '--log-level', 'warn'],
  nodeArgs: heapFlags,
})
try {
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  await makePods(config)
  await using arrivals = await followRules(cluster, new RegExp(`^k8s_POD_${name}-`))
  const endpoints = await measureChange(arrivals, await endpointChange(config))
  const policy = await measureChange(arrivals, await policyChange(config))
  const peer = await measureChange(arrivals, await peerChange(config))
  process.stdout.write(
    `${JSON.stringify({ pods: arrivals.pods, changes, endpoints, policy, peer }, null, 2)}\n`,
  )
} finally {
  await disposeCluster(cluster)
}
