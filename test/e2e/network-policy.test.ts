import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const seeds = join(import.meta.dirname, '../fixtures/seeds')

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

/** A pod that serves its name on 8080 and 9090. */
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
    process.kill(cluster.pid, 'SIGKILL')
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
