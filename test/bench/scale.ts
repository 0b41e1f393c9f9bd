/**
 * `npm run bench:scale`: many pods on many simulated nodes, all of it in one process: API server, controllers, scheduler
 * and a kubelet per node. Prints one JSON object: for each number of pods the seconds until all are Running and until all
 * are gone again, the processor time and memory of the whole process, and the milliseconds of processor time a pod costs.
 * `--nodes N` (default 1000), `--pods a,b,c` (default 100,1000,10000).
 */
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { parseArgs } from 'node:util'
import { disposeCluster, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { heapFlags } from './node-flags.ts'
import { processUse } from './process-use.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    pods: { type: 'string', default: '100,1000,10000' },
  },
})
const nodeCount = Number(values.nodes)
const steps = values.pods.split(',').map(Number)
const namespace = 'default'
/** A Deployment's size: as large ones are in practice. */
const replicasEach = 500
const patienceMs = 900_000

const round = (value: number, digits = 1): number => Number(value.toFixed(digits))
const mib = (bytes: number): number => Math.round(bytes / 2 ** 20)

const startedAt = performance.now()
const secondsSince = (start: number): number => round((performance.now() - start) / 1000, 2)
const cluster = await startCluster({
  args: [
    '--name',
    'bench-scale',
    '--runtime',
    'simulated',
    '--simulated-nodes',
    String(nodeCount - 1),
    '--log-level',
    'warn',
  ],
  nodeArgs: heapFlags,
  timeoutMs: patienceMs,
})
try {
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  const core = config.makeApiClient(CoreV1Api)
  const apps = config.makeApiClient(AppsV1Api)

  /** Whether no pod is left that the selector names: one is enough to know, whatever their number. */
  const none = async (fieldSelector: string): Promise<boolean> => {
    const list = await core.listNamespacedPod({ namespace, fieldSelector, limit: 1 })
    return list.items.length === 0
  }
  /** How many there are, without their bodies: a page of one tells how many remain. */
  const total = async (): Promise<number> => {
    const list = await core.listNamespacedPod({ namespace, limit: 1 })
    return list.items.length + (list.metadata?.remainingItemCount ?? 0)
  }

  await eventually(
    'all nodes are Ready',
    async () => {
      const { items } = await core.listNode()
      const ready = items.filter(({ status }) =>
        status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
      )
      return ready.length === nodeCount
    },
    patienceMs,
  )
  const nodesReadySeconds = secondsSince(startedAt)

  const createDeployments = async (podCount: number): Promise<number> => {
    const deployments = Math.ceil(podCount / replicasEach)
    for (let at = 0; at < deployments; at++) {
      const labels = { app: `scale-${at}` }
      await apps.createNamespacedDeployment({
        namespace,
        body: {
          metadata: { name: `scale-${at}` },
          spec: {
            replicas: Math.min(replicasEach, podCount - at * replicasEach),
            selector: { matchLabels: labels },
            template: {
              metadata: { labels },
              spec: {
                terminationGracePeriodSeconds: 1,
                containers: [
                  { name: 'c', image: 'busybox', resources: { requests: { cpu: '10m', memory: '10Mi' } } },
                ],
              },
            },
          },
        },
      })
    }
    return deployments
  }

  const results = []
  for (const pods of steps) {
    const before = processUse(cluster.pid)
    const start = performance.now()
    const deployments = await createDeployments(pods)
    // Asked for seldom enough that asking costs nothing beside the work.
    await eventually('all pods exist', async () => (await total()) === pods, patienceMs)
    await eventually('all pods are Running', () => none('status.phase!=Running'), patienceMs)
    const runningSeconds = secondsSince(start)
    const running = processUse(cluster.pid)
    const deletion = performance.now()
    for (let at = 0; at < deployments; at++) {
      await apps.deleteNamespacedDeployment({ namespace, name: `scale-${at}` })
    }
    await eventually('all pods are gone', async () => (await total()) === 0, patienceMs)
    const gone = processUse(cluster.pid)
    results.push({
      pods,
      runningSeconds,
      goneSeconds: secondsSince(deletion),
      cpuSecondsToRunning: round(running.cpuSeconds - before.cpuSeconds),
      cpuMsPerPod: round(((running.cpuSeconds - before.cpuSeconds) * 1000) / pods, 2),
      cpuSecondsToGone: round(gone.cpuSeconds - running.cpuSeconds),
      rssMiBWhenRunning: mib(running.rssBytes),
      rssKiBPerPod: round((running.rssBytes - before.rssBytes) / 1024 / pods),
    })
  }
  const { peakRssBytes } = processUse(cluster.pid)
  process.stdout.write(
    `${JSON.stringify({ nodes: nodeCount, nodesReadySeconds, steps: results, peakRssMiB: mib(peakRssBytes) }, null, 2)}\n`,
  )
} finally {
  await disposeCluster(cluster)
}
