/**
 * `npm run bench:scheduler`: how fast pods get nodes. Creates nodes and then pods against a control plane in memory with the
 * real scheduler and a kubelet that only reports, and prints one JSON object: milliseconds from the scheduler's start, with
 * all pods waiting, until all are assigned and Running, pods per second and processor time; for plain pods, pods spread over
 * zones and hosts, and pods that keep each other off their node. `--nodes N` (default 1000), `--pods N` (default 5000),
 * `--only plain|spread|antiAffinity`.
 */
import { parseArgs } from 'node:util'
import type { PodSpec } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../../core/cluster/testing/fake-kubelet.ts'
import { createTestControlPlane } from '../../core/cluster/testing/test-control-plane.ts'
import { waitFor } from '../../core/cluster/testing/wait-for.ts'
import { createScheduler } from '../../core/scheduler/scheduler.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    pods: { type: 'string', default: '5000' },
    only: { type: 'string' },
  },
})
const nodeCount = Number(values.nodes)
const podCount = Number(values.pods)
const zones = 10
const namespace = 'default'
const containers = [{ name: 'c', image: 'x', resources: { requests: { cpu: '10m', memory: '10Mi' } } }]

interface Workload {
  /** The pod's `app` label: pods of one app are alike. */
  appOf: (index: number) => string
  specOf: (app: string) => Partial<PodSpec>
}

const workloads: Record<string, Workload> = {
  plain: { appOf: () => 'plain', specOf: () => ({}) },
  spread: {
    appOf: (index) => `spread-${index % 50}`,
    specOf: (app) => ({
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
        (topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app } },
        }),
      ),
    }),
  },
  antiAffinity: {
    appOf: (index) => `anti-${index % 50}`,
    specOf: (app) => ({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } },
          ],
        },
      },
    }),
  },
}

interface Figures {
  /** From the scheduler's start, with all pods waiting. */
  assignedMs: number
  runningMs: number
  podsPerSecond: number
  /** The process's own time, API and kubelet included. */
  cpuMs: number
}

async function measure({ appOf, specOf }: Workload): Promise<Figures> {
  const plane = createTestControlPlane()
  const { client } = plane
  await client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
  await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
  for (let i = 0; i < nodeCount; i++) {
    const labels = { 'topology.kubernetes.io/zone': `zone-${i % zones}` }
    await createReadyNode(plane, `node-${i}`, { labels })
  }
  for (let i = 0; i < podCount; i++) {
    const app = appOf(i)
    await client.create(resources.pods, {
      metadata: { name: `pod-${i}`, namespace, labels: { app } },
      spec: { containers, ...specOf(app) },
    })
  }
  const scheduler = createScheduler({ ...plane.dependencies, resources: () => plane.resources() })
  const kubelet = startFakeKubelet(plane)
  try {
    const pods = plane.informers.informer(resources.pods)
    await pods.whenSynced()
    const start = performance.now()
    const cpu = process.cpuUsage()
    let running = 0
    let assigned = 0
    let assignedMs = 0
    using _counter = pods.addHandler({
      updated(pod, previous) {
        if (pod.spec.nodeName && !previous.spec.nodeName && ++assigned === podCount) {
          assignedMs = performance.now() - start
        }
        if (pod.status?.phase === 'Running' && previous.status?.phase !== 'Running') running += 1
      },
    })
    await scheduler.start()
    await waitFor(() => running === podCount, 300_000)
    const runningMs = performance.now() - start
    const { user, system } = process.cpuUsage(cpu)
    return {
      assignedMs: Math.round(assignedMs),
      runningMs: Math.round(runningMs),
      podsPerSecond: Math.round((podCount / runningMs) * 1000),
      cpuMs: Math.round((user + system) / 1000),
    }
  } finally {
    kubelet[Symbol.dispose]()
    await scheduler.stop()
    await plane.close()
  }
}

const results: Record<string, unknown> = { nodes: nodeCount, pods: podCount }
for (const [name, workload] of Object.entries(workloads)) {
  if (values.only === undefined || values.only === name) results[name] = await measure(workload)
}
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
