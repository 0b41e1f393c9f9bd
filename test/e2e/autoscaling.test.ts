import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const seeds = join(import.meta.dirname, '../fixtures/seeds')

/** Burns a tenth of a core while told to by a file, and nothing else. */
const application = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: my-app }
spec:
  replicas: 2
  selector: { matchLabels: { app: my-app } }
  template:
    metadata: { labels: { app: my-app } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: my-app:1.0
          # To start sleep takes a slow machine 7 ms: more often than once a second, and the calm pods would keep a replica more.
          command: [sh, -c, 'while :; do [ -e /tmp/busy ] || sleep 1; done']
          resources:
            requests: { cpu: 100m, memory: 32Mi }
            limits: { cpu: 100m, memory: 64Mi }
`

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-autoscaling'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', '-'], { stdin: application })
  await kubectl(['rollout', 'status', 'deployment/my-app', '--timeout=120s'])
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

const podNames = async (): Promise<string[]> =>
  (await kubectl(['get', 'pods', '-l', 'app=my-app', '-o', 'name'])).trim().split('\n')
/** Pods that are only starting cannot be told yet; they are told with the next try. */
const inEachPod = (script: string): Promise<true> =>
  eventually(`every pod does ${script}`, async () => {
    for (const name of await podNames()) await kubectl(['exec', name, '--', 'sh', '-c', script])
    return true
  })
const replicas = async (): Promise<number> =>
  Number(await kubectl(['get', 'deployment', 'my-app', '-o', 'jsonpath={.spec.replicas}']))

describe('the seeds’ HorizontalPodAutoscaler on Docker', () => {
  it('shows real usage by kubectl top', async () => {
    const table = await eventually('both pods are measured', async () => {
      const text = await kubectl(['top', 'pods', '--containers'])
      return text.match(/my-app-\S+\s+app\s+\d+m\s+\d+Mi/g)?.length === 2 && text
    })
    expect(table.split('\n')[0]).toMatch(/^POD\s+NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)/)
    await eventually('the node is measured', async () =>
      /e2e-autoscaling-node-1\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/.test(await kubectl(['top', 'nodes'])),
    )
  })

  it('scales up under load and back without it', async () => {
    await kubectl(['apply', '-f', join(seeds, 'hpa.yaml')])
    // Five minutes are upstream's; this test has not got them.
    const behavior = { spec: { behavior: { scaleDown: { stabilizationWindowSeconds: 15 } } } }
    await kubectl(['patch', 'hpa', 'my-app-hpa', '--type', 'merge', '-p', JSON.stringify(behavior)])
    await inEachPod('touch /tmp/busy')
    await eventually('more replicas', async () => (await replicas()) > 2, 120_000)
    await eventually('event and condition tell why', async () => {
      const described = await kubectl(['describe', 'hpa', 'my-app-hpa'])
      return (
        /SuccessfulRescale\s+\S+\s+horizontal-pod-autoscaler\s+New size: \d; reason: cpu resource utilization/.test(
          described,
        ) && /ScalingActive\s+True\s+ValidMetricFound/.test(described)
      )
    })
    await inEachPod('rm -f /tmp/busy')
    await eventually('the replicas of before', async () => (await replicas()) === 2, 120_000)
    await eventually('the metrics are shown', async () =>
      /cpu: \d+%\/50%, memory: \d+%\/70%/.test(await kubectl(['get', 'hpa', 'my-app-hpa'])),
    )
    await eventually('an event tells why', async () =>
      (await kubectl(['describe', 'hpa', 'my-app-hpa'])).includes(
        'New size: 2; reason: All metrics below target',
      ),
    )
  })

  it('lets kubectl drain wait for a disruption budget, and go on', async () => {
    const budget = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: my-app }
spec:
  minAvailable: 2
  selector: { matchLabels: { app: my-app } }
`
    await kubectl(['delete', 'hpa', 'my-app-hpa'])
    await kubectl(['rollout', 'status', 'deployment/my-app', '--timeout=120s'])
    await kubectl(['apply', '-f', '-'], { stdin: budget })
    await eventually('the budget is counted', async () =>
      /my-app\s+2\s+N\/A\s+0/.test(await kubectl(['get', 'pdb', 'my-app'])),
    )
    const node = 'e2e-autoscaling-node-1'
    const drain = ['drain', node, '--ignore-daemonsets', '--force', '--delete-emptydir-data']
    await expect(kubectl([...drain, '--timeout=8s'])).rejects.toThrow(
      "Cannot evict pod as it would violate the pod's disruption budget",
    )
    expect(await podNames()).toHaveLength(2)
    await kubectl(['patch', 'pdb', 'my-app', '--type', 'merge', '-p', '{"spec":{"minAvailable":0}}'])
    expect(await kubectl([...drain, '--timeout=120s'])).toContain(`node/${node} drained`)
  })
})
