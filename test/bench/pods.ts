/**
 * `npm run bench:pods`: what a pod costs on Docker. Prints one JSON object: milliseconds from create to Ready for single
 * pods beside the raw `docker run -d` of the same image and beside the two raw create+start calls a pod needs; 20 replicas
 * to Ready and gone; memory per pod, as 50 of them add it to the control plane, the engine and what runs for them; then memory
 * and CPU of the control plane at idle. `--idle-seconds N` (default 120), `--memory-pods N` (default 50).
 */
import { parseArgs } from 'node:util'
import { kubectlFor, run } from '../harness/clients.ts'
import { containersGone, disposeCluster, nodesReady, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { heapFlags } from './node-flags.ts'
import { memoryPerPod, podMemory } from './pod-memory.ts'
import { processUse } from './process-use.ts'
import { requireTestImages } from '../tools/requirements.ts'

requireTestImages()
const { values } = parseArgs({
  options: {
    'idle-seconds': { type: 'string', default: '120' },
    'memory-pods': { type: 'string', default: '50' },
  },
})
/** Until what is done for pods after they are Ready is done, and garbage collected. */
const settleMs = 20_000
const image = 'busybox:latest'
const sleep = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done']

function percentile(samples: number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function docker(...args: string[]): Promise<string> {
  const result = await run('docker', args)
  if (result.code !== 0) throw new Error(`docker ${args.join(' ')}: ${result.stderr}`)
  return result.stdout.trim()
}

async function rawDockerRun(): Promise<number> {
  let id = ''
  const ms = await timed(async () => (id = await docker('run', '-d', image, ...sleep)))
  await docker('rm', '-f', id)
  return ms
}

/** The floor of any Docker-backed pod: a sandbox on a network, and a container that joins it. */
async function rawSandboxAndContainer(): Promise<number> {
  let ids: string[] = []
  const ms = await timed(async () => {
    const sandbox = await docker('create', image, ...sleep)
    await docker('start', sandbox)
    const container = await docker('create', '--network', `container:${sandbox}`, image, ...sleep)
    await docker('start', container)
    ids = [container, sandbox]
  })
  for (const id of ids) await docker('rm', '-f', id)
  return ms
}

/**
 * Milliseconds from the create request to the watch event that shows the pod Ready, through the Kubernetes API with the
 * JavaScript client, so that no process start is in the figure.
 */
async function createToReady(kubeconfig: string, name: string): Promise<number> {
  const { CoreV1Api, KubeConfig, Watch } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  const spec = {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'c', image, imagePullPolicy: 'IfNotPresent', command: sleep }],
  }
  interface Seen {
    metadata: { name: string }
    status?: { conditions?: Array<{ type: string; status: string }> }
  }
  let became: () => void
  const ready = new Promise<void>((resolve) => (became = resolve))
  const controller = await new Watch(config).watch(
    '/api/v1/namespaces/default/pods',
    { fieldSelector: `metadata.name=${name}` },
    (_type: string, pod: Seen) => {
      if (pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) became()
    },
    () => undefined,
  )
  const ms = await timed(async () => {
    await api.createNamespacedPod({ namespace: 'default', body: { metadata: { name }, spec } })
    await ready
  })
  controller.abort()
  return ms
}

const cluster = await startCluster({ args: ['--name', 'bench-pods'], nodeArgs: heapFlags })
try {
  const kubectl = kubectlFor(cluster.kubeconfig)
  const nodeReadyMs = cluster.readyAfterMs + (await timed(() => nodesReady(kubectl)))
  await eventually('the default service account exists', async () =>
    (await kubectl(['get', 'serviceaccount', 'default', '-o', 'name'])).includes('default'),
  )

  const createDeployment = async (name: string): Promise<void> => {
    await kubectl(['create', 'deployment', name, `--image=${image}`, '--replicas=0', '--', ...sleep])
    const template = { spec: { terminationGracePeriodSeconds: 1 } }
    await kubectl(['patch', 'deployment', name, '-p', JSON.stringify({ spec: { template } })])
  }
  const scaleTo = async (name: string, replicas: number): Promise<void> => {
    await kubectl(['scale', `deployment/${name}`, `--replicas=${replicas}`])
    await kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=600s'], { timeoutMs: 610_000 })
  }
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, settleMs))

  const single: number[] = []
  const rawRun: number[] = []
  const rawPair: number[] = []
  for (let i = 0; i < 10; i++) {
    rawRun.push(await rawDockerRun())
    rawPair.push(await rawSandboxAndContainer())
    single.push(await createToReady(cluster.kubeconfig, `single-${i}`))
    await kubectl(['delete', 'pod', `single-${i}`, '--wait=true'])
  }

  await createDeployment('twenty')
  const twentyReadyMs = await timed(() => scaleTo('twenty', 20))
  const twentyGoneMs = await timed(async () => {
    await kubectl(['delete', 'deployment', 'twenty'])
    await containersGone(cluster, /^k8s_/)
  })

  const memoryPods = Number(values['memory-pods'])
  await settled()
  const empty = await podMemory(cluster)
  await createDeployment('memory')
  await scaleTo('memory', memoryPods)
  await settled()
  const full = await podMemory(cluster)
  await kubectl(['delete', 'deployment', 'memory'])
  await containersGone(cluster, /^k8s_/)

  const before = processUse(cluster.pid)
  const idleSeconds = Number(values['idle-seconds'])
  await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000))
  const after = processUse(cluster.pid)

  const result = {
    startToReadyLineMs: Math.round(cluster.readyAfterMs),
    startToNodeReadyMs: Math.round(nodeReadyMs),
    pod: { createToReadyP50Ms: percentile(single, 0.5), createToReadyP90Ms: percentile(single, 0.9) },
    rawDockerRunP50Ms: percentile(rawRun, 0.5),
    rawTwoContainersP50Ms: percentile(rawPair, 0.5),
    podToRawTwoContainers: Number((percentile(single, 0.5) / percentile(rawPair, 0.5)).toFixed(2)),
    twentyReplicas: { readyMs: Math.round(twentyReadyMs), goneMs: Math.round(twentyGoneMs) },
    memoryPerPod: { pods: memoryPods, ...memoryPerPod(empty, full, memoryPods) },
    idle: {
      seconds: idleSeconds,
      rssMiB: Math.round(after.rssBytes / 2 ** 20),
      cpuPercentOfACore: Number((((after.cpuSeconds - before.cpuSeconds) / idleSeconds) * 100).toFixed(2)),
    },
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
} finally {
  await disposeCluster(cluster)
}
