import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { freePort } from '../../core/util/testing/free-port.ts'

const pods = ['one', 'two'].map(
  (name) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: names } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: http
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sh, -c, 'mkdir /www && echo ${name} > /www/index.html && exec httpd -f -p 8080 -h /www']
      readinessProbe: { httpGet: { port: 8080 } }
`,
)

const service = (port: number): string => `
apiVersion: v1
kind: Service
metadata: { name: names }
spec:
  type: LoadBalancer
  selector: { app: names }
  ports:
    - { port: ${port}, targetPort: 8080 }
`

/** Answers each client's first datagram with its name. */
const udpPod = (name: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: echo } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: udp
      image: wheelhouse-test/netcat
      imagePullPolicy: IfNotPresent
      command: [sh, -c, 'while true; do echo ${name} | nc.openbsd -u -l -p 5353 -W 1; done']
`

const udpService = `
apiVersion: v1
kind: Service
metadata: { name: echo }
spec:
  type: NodePort
  selector: { app: echo }
  ports: [{ port: 53, targetPort: 5353, protocol: UDP }]
`

/** What a UDP port of this machine answers; rejects after a second without an answer, or when the port is closed. */
async function askByUdp(port: number): Promise<string> {
  const socket = createSocket('udp4')
  try {
    socket.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.send('hello')
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(1000) })) as [Buffer]
    return answer.toString().trim()
  } finally {
    socket.close()
  }
}

describe('Services on this machine', () => {
  let cluster: RunningCluster
  let kubectl: ReturnType<typeof kubectlFor>
  let port: number

  beforeAll(async () => {
    cluster = await startCluster({ args: ['--name', 'e2e-service-ports'] })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
    port = await freePort()
    await kubectl(['apply', '-f', '-'], { stdin: [...pods, service(port)].join('---') })
    await kubectl(['wait', 'pod', '--all', '--for=condition=Ready', '--timeout=120s'])
  })
  afterAll(async () => {
    if (cluster) await disposeCluster(cluster)
  })

  const field = (path: string): Promise<string> =>
    kubectl(['get', 'service', 'names', '-o', `jsonpath={${path}}`])
  const ask = async (host: string, at: number): Promise<string> =>
    (await (await fetch(`http://${host}:${at}/`)).text()).trim()

  it('have an address where their own ports are open', async () => {
    const ip = await eventually('an address', () => field('.status.loadBalancer.ingress[0].ip'))
    expect(ip).toMatch(/^127\./)
    expect(await kubectl(['get', 'service', 'names'])).toContain(` ${ip} `)
    const answers = new Set<string>()
    await eventually('both answer', async () => answers.add(await ask(ip, port)).size === 2)
    expect([...answers].sort()).toEqual(['one', 'two'])
    const described = await kubectl(['describe', 'service', 'names'])
    expect(described).toMatch(
      /Normal\s+EnsuredLoadBalancer\s+\S+\s+service-controller\s+Ensured load balancer/,
    )
  })

  it('keep a caller at one pod with affinity', async () => {
    const affinity = { sessionAffinity: 'ClientIP' }
    await kubectl(['patch', 'service', 'names', '-p', JSON.stringify({ spec: affinity })])
    const nodePort = Number(await field('.spec.ports[0].nodePort'))
    await eventually('twenty answers are of one pod', async () => {
      const answers = new Set<string>()
      for (let call = 0; call < 20; call++) answers.add(await ask('127.0.0.1', nodePort))
      return answers.size === 1
    })
  })

  it('have node ports of UDP, which keep a client at one pod', async () => {
    const echo = pods.map((_, at) => udpPod(['red', 'blue'][at]!))
    await kubectl(['apply', '-f', '-'], { stdin: [...echo, udpService].join('---') })
    await kubectl(['wait', 'pod', '-l', 'app=echo', '--for=condition=Ready', '--timeout=120s'])
    const path = 'jsonpath={.spec.ports[0].nodePort}'
    const nodePort = Number(await kubectl(['get', 'service', 'echo', '-o', path]))
    const answers = new Set<string>()
    await eventually('both answer', async () => answers.add(await askByUdp(nodePort)).size === 2)
    expect([...answers].sort()).toEqual(['blue', 'red'])
    await kubectl(['delete', 'service', 'echo'])
    await eventually('nobody answers', async () => (await askByUdp(nodePort).catch(() => '')) === '')
  })

  it('close when the Service goes', async () => {
    const ip = await field('.status.loadBalancer.ingress[0].ip')
    await kubectl(['delete', 'service', 'names'])
    await eventually('refused', () =>
      ask(ip, port).then(
        () => false,
        (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED',
      ),
    )
  })
})
