import { resources } from '../api/resources.ts'
import { createReadyNode, startFakeKubelet } from '../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { createControllers } from '../controllers/index.ts'
import { createScheduler } from './scheduler.ts'
const N = Number(process.argv[2]), P = Number(process.argv[3])
const plane = createTestControlPlane()
for (const name of ['default','kube-node-lease']) await plane.client.create(resources.namespaces, { metadata: { name }, spec: {} })
await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
const controllers = createControllers({ ...plane.dependencies, resources: () => plane.resources(), rootCa: 'x' })
const scheduler = createScheduler(plane.dependencies)
await Promise.all([...controllers.map((c) => c.start()), scheduler.start()])
const k = startFakeKubelet(plane)
for (let i = 0; i < N; i++) await createReadyNode(plane, `n${i}`)
let t = performance.now()
await plane.client.create(resources.deployments, { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: P, selector: { matchLabels: { a: 'b' } }, template: { metadata: { name: '', labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] } } } })
const pods = plane.informers.informer(resources.pods).store
for (;;) {
  await new Promise((r) => setTimeout(r, 50))
  const l = pods.list()
  const run = l.filter((p) => p.status?.phase === 'Running').length
  if (run === P) break
  if (performance.now() - t > 120000) { process.stdout.write(`${l.length} pods, ${run} running\n`); break }
}
process.stdout.write(`${N} nodes ${P} pods: ${Math.round(performance.now() - t)} ms, rss ${Math.round(process.memoryUsage().rss / 1e6)} MB\n`)
await new Promise((r) => setTimeout(r, 3000))
const cpu = process.cpuUsage(); const rev = plane.store.revision
await new Promise((r) => setTimeout(r, 5000))
const used = process.cpuUsage(cpu)
process.stdout.write(`idle 5 s: cpu ${(used.user + used.system) / 1000} ms, revisions ${plane.store.revision - rev}\n`)
void k
process.exit()
