import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

/** Ready by its probe; a pod that ends still answers while the others learn that it does. */
const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 20
      containers:
        - name: web
          image: my-app:1.0
          # Slow to serve, so that a pod that got requests before it is ready would lose them.
          command: [sh, -c, 'sleep 2; exec /app/start.sh']
          env: [{ name: VERSION, value: one }]
          readinessProbe: { httpGet: { path: /healthz, port: 8080 }, periodSeconds: 1 }
          lifecycle: { preStop: { sleep: { seconds: 6 } } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080 }]
`

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>
let address: string

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-rolling'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', join(import.meta.dirname, '../fixtures/seeds/toolbox.yaml')])
  await kubectl(['apply', '-f', '-'], { stdin: web })
  await rolledOut()
  await kubectl(['wait', 'pod/toolbox', '--for=condition=Ready', '--timeout=120s'])
  address = await kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

const inToolbox = (script: string): Promise<string> =>
  kubectl(['exec', 'toolbox', '--', 'sh', '-c', script], { timeoutMs: 240_000 })
const rolledOut = (): Promise<string> =>
  kubectl(['rollout', 'status', 'deployment/web', '--timeout=180s'], { timeoutMs: 200_000 })
const webPods = async (): Promise<string[]> => {
  const names = await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}'])
  return names.split(' ').sort()
}

/** The application's page is its environment. */
const ask = (): string => `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 20 ${address} 80`

interface Count {
  answered: number
  failed: number
  versions: string[]
}

/** Asks the Service without a pause, a new connection each time, while `work` goes on and until 200 were asked. */
async function underRequests(work: () => Promise<unknown>): Promise<Count> {
  const request = `${ask()} 2>>/tmp/errors | grep -o '^VERSION=.*' >>/tmp/answers`
  const loop = `rm -f /tmp/stop /tmp/answers /tmp/errors; n=0
    while [ ! -e /tmp/stop ] || [ $n -lt 200 ]; do n=$((n+1)); ${request}; done
    echo $n $(wc -l </tmp/answers) $(sort -u /tmp/answers | cut -d= -f2); cat /tmp/errors >&2`
  const asking = inToolbox(loop)
  // Heard of at once when the loop itself cannot run.
  await Promise.race([asking, work()])
  await inToolbox('touch /tmp/stop')
  const [asked, answered, ...versions] = (await asking).trim().split(' ')
  return { answered: Number(answered), failed: Number(asked) - Number(answered), versions }
}

/** Changes the Deployment and waits until its old pods are gone too: their end is where requests get lost. */
async function update(...change: string[]): Promise<void> {
  const before = await webPods()
  await kubectl(change)
  await rolledOut()
  await eventually('the old pods are gone', async () => {
    const now = await webPods()
    return now.length === 3 && !now.some((name) => before.includes(name))
  })
}

describe('constant requests to a Service of three pods', () => {
  it('lose none to a rolling update', async () => {
    const { answered, failed, versions } = await underRequests(() =>
      update('set', 'env', 'deployment/web', 'VERSION=two'),
    )
    expect(failed).toBe(0)
    expect(answered).toBeGreaterThanOrEqual(200)
    expect(versions).toEqual(['one', 'two'])
  })

  it('lose none to its undoing', async () => {
    const { answered, failed, versions } = await underRequests(() =>
      update('rollout', 'undo', 'deployment/web'),
    )
    expect(failed).toBe(0)
    expect(answered).toBeGreaterThanOrEqual(200)
    expect(versions).toEqual(['one', 'two'])
    expect(await inToolbox(ask())).toContain('VERSION=one')
    expect(await kubectl(['rollout', 'history', 'deployment/web'])).toMatch(/^3\s/m)
  })

  it('lose none to a pod that is deleted, and another takes its place', async () => {
    const [first] = await webPods()
    const { failed } = await underRequests(async () => {
      await kubectl(['delete', 'pod', first!])
      await rolledOut()
    })
    expect(failed).toBe(0)
    const after = await webPods()
    expect(after).toHaveLength(3)
    expect(after).not.toContain(first)
  })
})
