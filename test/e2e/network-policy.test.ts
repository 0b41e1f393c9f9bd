import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { answers, labels, policyRows, type PolicyRow } from './network-policy-rows.ts'

const seeds = join(import.meta.dirname, '../fixtures/seeds')

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

/** A pod that serves its name on 8080, which it calls `http`, and on 9090, `admin`. */
function server(namespace: string, name: string, app: string): object {
  const serve = (port: number): string => `nc -ll -p ${port} -e echo ${name}`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'server',
          image: 'busybox',
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', `${serve(9090)} & exec ${serve(8080)}`],
          ports: [
            { name: 'http', containerPort: 8080 },
            { name: 'admin', containerPort: 9090 },
          ],
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  }
}

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-policy'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  await kubectl(['create', 'namespace', 'prod'])
  const pods = [
    server('prod', 'api', 'api'),
    server('prod', 'web', 'web'),
    server('prod', 'job', 'job'),
    server('default', 'outside', 'web'),
  ]
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods })
  await kubectl(['apply', '-f', '-'], { stdin })
  await kubectl(['expose', 'pod', 'api', '-n', 'prod', '--port=80', '--target-port=8080'])
  for (const namespace of ['prod', 'default']) {
    await kubectl(['wait', 'pods', '--all', '-n', namespace, '--for=condition=Ready', '--timeout=120s'])
  }
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

function ipOf(namespace: string, name: string): Promise<string> {
  return kubectl(['get', 'pod', name, '-n', namespace, '-o', 'jsonpath={.status.podIP}'])
}

/** The name that answers, `` when nobody does within two seconds. */
async function call(from: string, address: string, port: number): Promise<string> {
  const [namespace = '', name = ''] = from.split('/')
  const script = `nc -w 2 ${address} ${port} </dev/null || true`
  return (await kubectl(['exec', name, '-n', namespace, '--', 'sh', '-c', script])).trim()
}

/** Who reaches whom now, as a table: a row for each client, `address:port` columns. */
async function table(clients: string[], targets: Array<[string, number]>): Promise<Record<string, string[]>> {
  const rows = clients.map(async (client) => {
    const answers = await Promise.all(targets.map(([address, port]) => call(client, address, port)))
    return [client, answers] as const
  })
  return Object.fromEntries(await Promise.all(rows))
}

/** Waits until the table is this one: each pod gets its rules in its own time. */
async function becomes(
  clients: string[],
  targets: Array<[string, number]>,
  wanted: Record<string, string[]>,
): Promise<void> {
  await eventually(`who reaches whom is ${JSON.stringify(wanted)}`, async () => {
    const found = await table(clients, targets)
    if (isDeepStrictEqual(found, wanted)) return true
    throw new Error(JSON.stringify(found))
  })
}

describe('the seeds’ network policies', () => {
  it('allow and deny exactly as written', async () => {
    const [api, web, outside] = await Promise.all([
      ipOf('prod', 'api'),
      ipOf('prod', 'web'),
      ipOf('default', 'outside'),
    ])
    const clients = ['prod/web', 'prod/job', 'prod/api', 'default/outside']
    const targets: Array<[string, number]> = [
      [api, 8080],
      [api, 9090],
      [web, 8080],
      [outside, 8080],
    ]
    const open = ['api', 'api', 'web', 'outside']
    await becomes(clients, targets, Object.fromEntries(clients.map((name) => [name, open])))

    await kubectl(['apply', '-f', join(seeds, 'network-policy.yaml')])
    // `default-deny-and-allow-web` lets nothing out but DNS, so even the web reaches the api only once it may send.
    await becomes(clients, targets, {
      'prod/web': ['', '', 'web', ''],
      'prod/job': ['', '', '', ''],
      'prod/api': ['api', 'api', '', ''],
      'default/outside': ['', '', '', 'outside'],
    })

    const egress = { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress: [{}] }
    const webMaySend = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'web-may-send', namespace: 'prod' },
      spec: egress,
    }
    await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(webMaySend) })
    await becomes(clients, targets, {
      'prod/web': ['api', '', 'web', 'outside'],
      'prod/job': ['', '', '', ''],
      'prod/api': ['api', 'api', '', ''],
      'default/outside': ['', '', '', 'outside'],
    })
  })

  it('leave DNS over UDP and the kubelet’s probes alone', async () => {
    const answer = await kubectl([
      'exec',
      'job',
      '-n',
      'prod',
      '--',
      'nslookup',
      'api.prod.svc.cluster.local',
    ])
    expect(answer).toContain(
      await kubectl(['get', 'service', 'api', '-n', 'prod', '-o', 'jsonpath={.spec.clusterIP}']),
    )
    await eventually('the api answers by name', async () => {
      return (await call('prod/web', 'api.prod.svc.cluster.local', 80)) === 'api'
    })
    expect(await kubectl(['get', 'pods', '-n', 'prod'])).not.toContain('0/1')
  })

  it('hold for a pod that starts later, from its first packet on, and for its peers', async () => {
    await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(server('prod', 'web2', 'web')) })
    await kubectl(['wait', 'pod/web2', '-n', 'prod', '--for=condition=Ready', '--timeout=120s'])
    const [api, web2] = await Promise.all([ipOf('prod', 'api'), ipOf('prod', 'web2')])
    expect(await call('default/outside', web2, 8080)).toBe('')
    await eventually('it reaches the api', async () => (await call('prod/web2', api, 8080)) === 'api')
    expect(await call('prod/web2', api, 9090)).toBe('')
  })

  it('stay in force after a restart, and are gone once deleted', async () => {
    const api = await ipOf('prod', 'api')
    const { dataDirectory } = cluster
    await cluster.stop('SIGKILL')
    cluster = await startCluster({ args: ['--name', 'e2e-policy'], dataDirectory })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
    expect(await call('default/outside', api, 8080)).toBe('')
    await eventually('what may pass passes', async () => (await call('prod/web', api, 8080)) === 'api')
    await kubectl(['delete', 'networkpolicy', '--all', '-n', 'prod'])
    await eventually('everything is open again', async () => (await call('prod/job', api, 9090)) === 'api')
    await eventually('to all', async () => (await call('default/outside', api, 8080)) === 'api')
  })
})

/** Applies policies of `prod` under their names. */
async function applyPolicies(specs: Record<string, object>): Promise<void> {
  const items = Object.entries(specs).map(([name, spec]) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'prod' },
    spec,
  }))
  await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) })
}

describe('a network policy', () => {
  const clients = ['prod/web', 'prod/job', 'default/outside']
  const { both, http, none } = answers
  let api: string
  let web: string

  async function reach(wanted: PolicyRow['wanted']): Promise<void> {
    const targets: Array<[string, number]> = [8080, 9090].map((port) => [api, port])
    const found = { 'prod/web': wanted.web, 'prod/job': wanted.job, 'default/outside': wanted.outside }
    await becomes(clients, targets, found)
  }

  beforeAll(async () => {
    ;[api, web] = await Promise.all([ipOf('prod', 'api'), ipOf('prod', 'web')])
  })
  afterEach(async () => {
    await kubectl(['delete', 'networkpolicy', '--all', '-n', 'prod'])
  })

  it.each(Object.entries(policyRows))('%s', async (_name, { policies, wanted }) => {
    await applyPolicies(policies({ api, web }))
    await reach(wanted)
  })

  it('follows the labels of the pods it selects, of their peers and of namespaces', async () => {
    const trusted = { matchLabels: { trusted: 'yes' } }
    await applyPolicies({
      guarded: {
        podSelector: { matchLabels: { guarded: 'yes' } },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: trusted }, { namespaceSelector: trusted }] }],
      },
      witness: {
        podSelector: labels('api'),
        policyTypes: ['Ingress'],
        ingress: [{ ports: [{ port: 8080 }] }],
      },
    })
    await reach({ web: http, job: http, outside: http })
    await kubectl(['delete', 'networkpolicy', 'witness', '-n', 'prod'])
    await reach({ web: both, job: both, outside: both })
    await kubectl(['label', 'pod', 'api', '-n', 'prod', 'guarded=yes'])
    await reach({ web: none, job: none, outside: none })
    await kubectl(['label', 'pod', 'job', '-n', 'prod', 'trusted=yes'])
    await kubectl(['label', 'namespace', 'default', 'trusted=yes'])
    await reach({ web: none, job: both, outside: both })
    await kubectl(['label', 'pod', 'job', '-n', 'prod', 'trusted=no', '--overwrite'])
    await kubectl(['label', 'namespace', 'default', 'trusted-'])
    await reach({ web: none, job: none, outside: none })
    await kubectl(['label', 'pod', 'api', '-n', 'prod', 'guarded-'])
    await reach({ web: both, job: both, outside: both })
  })
})
