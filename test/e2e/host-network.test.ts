import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const nodes = ['hostnet-node-1', 'hostnet-node-2'] as const

/** A container that answers its first argument on a port. */
const container = (name: string, command: string, more: object = {}): object => ({
  name,
  image: 'busybox',
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', command],
  ...more,
})

const pod = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { terminationGracePeriodSeconds: 0, nodeName: nodes[0], ...spec },
})

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>
/** Addresses of the two nodes. */
let first: string
let second: string

const apply = (...items: object[]): Promise<string> =>
  kubectl(['apply', '-f', '-'], { stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) })
/** Waits until every pod is Ready; says what became of them when one is not. */
async function ready(): Promise<void> {
  try {
    await kubectl(['wait', 'pods', '--all', '--for=condition=Ready', '--timeout=100s'])
  } catch (error) {
    throw new Error(await kubectl(['describe', 'pods']), { cause: error })
  }
}
const sh = async (name: string, script: string): Promise<string> =>
  (await kubectl(['exec', name, '--', 'sh', '-c', script])).trim()
/** Who answers at an address, as a pod sees it; empty when nobody does. */
const call = (from: string, address: string, port: number): Promise<string> =>
  sh(from, `nc -w 2 ${address} ${port} </dev/null || true`)
const addressOf = (node: string): Promise<string> =>
  kubectl(['get', 'node', node, '-o', 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}'])

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'hostnet', '--nodes', '2'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  ;[first, second] = (await Promise.all(nodes.map(addressOf))) as [string, string]
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

/** Who answers on this machine. */
async function askHere(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  return (await text(socket)).trim()
}

/** As node exporters and ingress controllers are installed. */
const daemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'exporter' },
  spec: {
    selector: { matchLabels: { app: 'exporter' } },
    template: {
      metadata: { labels: { app: 'exporter' } },
      spec: {
        hostNetwork: true,
        hostPID: true,
        dnsPolicy: 'ClusterFirstWithHostNet',
        hostAliases: [{ ip: '10.9.8.7', hostnames: ['db'] }],
        terminationGracePeriodSeconds: 0,
        containers: [
          container('exporter', 'exec nc -ll -p 9100 -e echo $NODE', {
            env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
            ports: [{ containerPort: 9100 }],
            readinessProbe: { tcpSocket: { port: 9100 }, periodSeconds: 1 },
          }),
        ],
      },
    },
  },
}

describe('pods on the network of their node', () => {
  beforeAll(async () => {
    await apply(
      daemonSet,
      pod('client', { containers: [container('client', 'sleep 100000')] }),
      pod('plain', {
        hostNetwork: true,
        containers: [container('plain', 'sleep 100000', { image: 'wheelhouse-test/netcat' })],
      }),
      pod('web', {
        containers: [
          container('web', 'exec nc -ll -p 8080 -e echo web', {
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          }),
        ],
      }),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    )
    await kubectl(['rollout', 'status', 'daemonset/exporter', '--timeout=120s'])
    await ready()
  })

  const exporterOn = (node: string): Promise<string> =>
    kubectl([
      ...['get', 'pods', '-l', 'app=exporter', '--field-selector', `spec.nodeName=${node}`],
      ...['-o', 'jsonpath={.items[0].metadata.name}'],
    ])

  it('have its address, each node its own ports', async () => {
    const path = '{range .items[*]}{.spec.nodeName} {.status.podIP} {.status.hostIP}{"\\n"}{end}'
    const rows = await kubectl(['get', 'pods', '-l', 'app=exporter', '-o', `jsonpath=${path}`])
    expect(rows.trim().split('\n').sort()).toEqual([
      `${nodes[0]} ${first} ${first}`,
      `${nodes[1]} ${second} ${second}`,
    ])
    expect(await call('client', first, 9100)).toBe(nodes[0])
    expect(await call('client', second, 9100)).toBe(nodes[1])
    const name = await exporterOn(nodes[0])
    expect(await sh(name, 'hostname')).toBe(nodes[0])
    expect(await sh(name, 'ip -4 -o addr show eth0')).toContain(` ${first}/`)
    expect(await sh(name, 'ps')).toContain('dockerd')
  })

  it('reach Services by address and by name', async () => {
    const name = await exporterOn(nodes[1])
    const clusterIp = await kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])
    await eventually('the address', async () => (await call(name, clusterIp, 80)) === 'web')
    await eventually(
      'the name',
      async () => (await call(name, 'web.default.svc.cluster.local', 80)) === 'web',
    )
    expect(await sh(name, 'nslookup kubernetes.default.svc.cluster.local')).toContain('10.96.0.1')
  })

  it('have name resolution of their own, though they share a network', async () => {
    const name = await exporterOn(nodes[0])
    expect(await sh(name, 'cat /etc/resolv.conf')).toContain('search default.svc.cluster.local')
    expect(await sh('plain', 'cat /etc/resolv.conf')).not.toContain('svc.cluster.local')
    expect(await sh(name, 'cat /etc/hosts')).toContain('10.9.8.7\tdb')
    expect(await sh('plain', 'cat /etc/hosts')).not.toContain('db')
  })

  it('keep that after a restart of the control plane', async () => {
    const { dataDirectory } = cluster
    await cluster.stop('SIGKILL')
    cluster = await startCluster({ args: ['--name', 'hostnet', '--nodes', '2'], dataDirectory })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
    const name = await exporterOn(nodes[0])
    await eventually(
      'a Service',
      async () => (await call(name, 'web.default.svc.cluster.local', 80)) === 'web',
    )
    const restarts = '{.items[*].status.containerStatuses[0].restartCount}'
    expect(await kubectl(['get', 'pods', '-l', 'app=exporter', '-o', `jsonpath=${restarts}`])).toBe('0 0')
  })
})

describe('host ports', () => {
  const hostPort = 38080
  const [port, udpPort] = [38081, 38082]
  const at = (name: string, hostIP: string | undefined, node: string = nodes[0]): object =>
    pod(name, {
      nodeName: node,
      containers: [
        container('app', `exec nc -ll -p 8080 -e echo ${name}`, {
          ports: [{ containerPort: 8080, hostPort: hostIP ? hostPort : port, ...(hostIP && { hostIP }) }],
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        }),
      ],
    })
  const udp = (): object =>
    pod('udp', {
      containers: [
        container('app', 'while true; do echo udp | nc.openbsd -u -l -p 8080 -W 1; done', {
          image: 'wheelhouse-test/netcat',
          ports: [{ containerPort: 8080, hostPort: udpPort, protocol: 'UDP', hostIP: first }],
        }),
      ],
    })

  beforeAll(async () => {
    await apply(
      at('loopback', '127.0.0.1'),
      at('at-node', first),
      at('everywhere', undefined),
      at('other', undefined, nodes[1]),
      udp(),
    )
    await ready()
  })

  it('are apart by address, seen from the node', async () => {
    await eventually('at 127.0.0.1', async () => (await call('plain', '127.0.0.1', hostPort)) === 'loopback')
    await eventually('at its address', async () => (await call('plain', first, hostPort)) === 'at-node')
    await eventually('at all', async () => (await call('plain', '127.0.0.1', port)) === 'everywhere')
    const script = `echo hello | nc.openbsd -u -w 2 -W 1 ${first} ${udpPort} || true`
    await eventually('by UDP', async () => (await sh('plain', script)) === 'udp')
  })

  it('are reached by pods at the address of each node', async () => {
    await eventually('by hostIP', async () => (await call('client', first, hostPort)) === 'at-node')
    await eventually('on this node', async () => (await call('client', first, port)) === 'everywhere')
    await eventually('on the other', async () => (await call('client', second, port)) === 'other')
    expect(await call('client', second, hostPort)).toBe('')
  })

  it('are open on this machine, the same one of two nodes once', async () => {
    await eventually('by hostIP', async () => (await askHere(hostPort)) === 'loopback')
    const winner = await eventually('one of two', () => askHere(port))
    expect(['everywhere', 'other']).toContain(winner)
    const loser = winner === 'other' ? 'everywhere' : 'other'
    const events = ['get', 'events', '--field-selector', 'reason=HostPortNotOpened', '-o', 'name']
    await eventually('the other is told', async () => (await kubectl(events)) !== '')
    const path = '{.items[*].involvedObject.name}'
    expect(await kubectl([...events.slice(0, -1), `jsonpath=${path}`])).toBe(loser)
  })

  it('go with their pod', async () => {
    await kubectl(['delete', 'pod', 'at-node', '--now'])
    await eventually('refused', async () => (await call('client', first, hostPort)) === '')
  })
})
