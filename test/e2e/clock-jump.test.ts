import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { settableClock } from '../harness/set-clock.ts'

const days = 400
const dayMs = 24 * 3600 * 1000
/** Certificates are looked at every minute, tokens and leases more often. */
const renewalMs = 120_000
const clock = await settableClock()

const workloads = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: my-app:1.0
          resources: { requests: { cpu: 50m } }
          livenessProbe: { httpGet: { path: /healthz, port: 8080 }, periodSeconds: 5 }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 2
  maxReplicas: 3
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } } }]
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: hourly }
spec:
  schedule: '0 * * * *'
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [
    { name: c, image: busybox, command: ['true'] } ] } } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: kept }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: busybox, command: ['true'] }] } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: swept }
spec: { ttlSecondsAfterFinished: 86400, template: { spec: { restartPolicy: Never, containers: [
  { name: c, image: busybox, command: ['true'] } ] } } }
`

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>
let before: { pods: string; certificate: string; token: string }

/**
 * kubectl, a static program, stays in the present: it must not judge certificates of the future. Its own is that of
 * the kubeconfig as it is now.
 */
async function kubectlAfter(args: string[], options: { withoutCertificate?: boolean } = {}): Promise<string> {
  const text = readFileSync(cluster.kubeconfig, 'utf8').replace(
    /certificate-authority-data: .*/,
    'insecure-skip-tls-verify: true',
  )
  const file = join(cluster.dataDirectory, 'unverified')
  writeFileSync(
    file,
    options.withoutCertificate ? text.replace(/client-(certificate|key)-data: .*/g, '') : text,
  )
  return kubectlFor(file)(args)
}
/** The pods of the Deployment with their containers and restarts. */
const webPods = (k: (args: string[]) => Promise<string>): Promise<string> => {
  const columns =
    '{.metadata.uid} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}'
  return k([
    'get',
    'pods',
    '-l',
    'app=web',
    '--sort-by=.metadata.name',
    '-o',
    `jsonpath={range .items[*]}${columns}\n{end}`,
  ])
}
const tokenIn = (k: (args: string[]) => Promise<string>): Promise<string> =>
  k(['exec', 'deployment/web', '--', 'cat', '/var/run/secrets/kubernetes.io/serviceaccount/token'])
const names = async (kind: string): Promise<string[]> =>
  (await kubectlAfter(['get', kind, '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ').sort()

function servingCertificate(): Promise<X509Certificate> {
  const { hostname, port } = new URL(cluster.api)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate()
      socket.destroy()
      if (certificate) resolve(certificate)
      else reject(new Error('the server showed no certificate'))
    })
    socket.once('error', reject)
  })
}
const isValid = (certificate: X509Certificate, at: number): boolean =>
  Date.parse(certificate.validFrom) <= at && at <= Date.parse(certificate.validTo)
const inConfig = (field: string): string =>
  new RegExp(`${field}: (\\S+)`).exec(readFileSync(cluster.kubeconfig, 'utf8'))![1]!

beforeAll(async () => {
  if (!clock) return
  cluster = await startCluster({ args: ['--name', 'e2e-clock'], env: clock.env })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', '-'], { stdin: workloads })
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=120s'])
  await kubectl(['wait', 'job/kept', 'job/swept', '--for=condition=Complete', '--timeout=120s'])
  before = {
    pods: await webPods(kubectl),
    certificate: inConfig('client-certificate-data'),
    token: await tokenIn(kubectl),
  }
  clock.setAhead(days)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

describe.runIf(clock)(`the clock is set ${days} days ahead under a running cluster`, () => {
  const future = Date.now() + days * dayMs

  it('has a serving certificate and a kubeconfig that are valid then, and lets the latter in', async () => {
    await eventually(
      'both are renewed',
      async () => {
        const client = new X509Certificate(Buffer.from(inConfig('client-certificate-data'), 'base64'))
        return isValid(await servingCertificate(), future) && isValid(client, future + dayMs)
      },
      renewalMs,
    )
    expect(inConfig('client-certificate-data')).not.toBe(before.certificate)
    const authority = new X509Certificate(Buffer.from(inConfig('certificate-authority-data'), 'base64'))
    expect(isValid(authority, future + dayMs)).toBe(true)
    expect(await kubectlAfter(['auth', 'whoami'])).toContain('wheelhouse-admin')
  })

  it('has its node Ready by heartbeats of then', async () => {
    const lease = [
      'get',
      'lease',
      'e2e-clock-node-1',
      '-n',
      'kube-node-lease',
      '-o',
      'jsonpath={.spec.renewTime}',
    ]
    await eventually('the lease is renewed', async () => Date.parse(await kubectlAfter(lease)) > future)
    await kubectlAfter(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=120s'])
    const taints = 'jsonpath={.items[*].spec.taints}'
    await eventually(
      'its taints are gone',
      async () => (await kubectlAfter(['get', 'nodes', '-o', taints])) === '',
    )
  })

  it('has the same pods in the same containers', async () => {
    expect(await webPods(kubectlAfter)).toBe(before.pods)
    await eventually('all are available', async () =>
      /2\/2\s+2\s+2/.test(await kubectlAfter(['get', 'deployment', 'web'])),
    )
  })

  it('gives pods a new token, and knows them by it', async () => {
    const token = await eventually(
      'the token is renewed',
      async () => {
        const now = await tokenIn(kubectlAfter)
        return now !== before.token && now
      },
      renewalMs,
    )
    const as = (bearer: string): Promise<string> =>
      kubectlAfter(['auth', 'whoami', '--token', bearer], { withoutCertificate: true })
    expect(await as(token)).toContain('system:serviceaccount:default:default')
    await expect(as(before.token)).rejects.toThrow('Unauthorized')
  })

  it('starts one Job for all the times that a CronJob missed, and sweeps only what asked for it', async () => {
    await eventually(
      'the Job whose time is over is gone',
      async () => !(await names('jobs')).includes('swept'),
    )
    await eventually('the CronJob ran', async () =>
      (await names('jobs')).some((name) => name.startsWith('hourly-')),
    )
    // Were there one for each of 9,600 hours, or for some, they would come at once.
    const jobs = await names('jobs')
    expect(jobs).toHaveLength(2)
    expect(jobs[1]).toBe('kept')
  })

  it('runs new pods, and measures them for the autoscaler', async () => {
    await kubectlAfter(['rollout', 'restart', 'deployment/web'])
    await kubectlAfter(['rollout', 'status', 'deployment/web', '--timeout=120s'])
    const condition = 'jsonpath={.status.conditions[?(@.type=="ScalingActive")].reason}'
    await eventually(
      'the autoscaler has metrics',
      async () => (await kubectlAfter(['get', 'hpa', 'web', '-o', condition])) === 'ValidMetricFound',
      90_000,
    )
    await eventually('the pods are measured', async () =>
      /web-\S+\s+\d+m/.test(await kubectlAfter(['top', 'pods'])),
    )
  })
})
