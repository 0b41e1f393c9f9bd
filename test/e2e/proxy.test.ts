import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, kubectlFor, run } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const web = `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers:
    - { name: nginx, image: 'nginx:1.27', ports: [{ containerPort: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
`

const scraper = `
apiVersion: v1
kind: Pod
metadata: { name: scraper }
spec:
  serviceAccountName: reader
  terminationGracePeriodSeconds: 1
  containers:
    - { name: scraper, image: 'busybox', imagePullPolicy: IfNotPresent, command: [sleep, '10000'] }
`

describe('real kubectl and what the API server passes on', () => {
  let cluster: RunningCluster
  let kubectl: ReturnType<typeof kubectlFor>
  beforeAll(async () => {
    cluster = await startCluster({ args: ['--name', 'passing'] })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
    await kubectl(['apply', '-f', '-'], { stdin: web })
    await kubectl(['wait', 'pod/web', '--for=condition=Ready', '--timeout=120s'])
  })
  afterAll(async () => {
    if (cluster) await disposeCluster(cluster)
  })

  const service = '/api/v1/namespaces/default/services/web:80/proxy/'

  it('gets raw paths: health, metrics, a pod, a service and a kubelet', async () => {
    const health = await kubectl(['get', '--raw', '/readyz?verbose'])
    expect(health).toMatch(/^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]etcd ok\n/)
    expect(health).toMatch(/\nreadyz check passed\n$/)
    expect(await kubectl(['get', '--raw', '/livez/etcd'])).toBe('ok')
    expect(await kubectl(['get', '--raw', '/metrics'])).toContain('apiserver_request_total{')
    const page = await eventually('the service has an endpoint', async () => {
      const { code, stdout } = await run(clientBinary('kubectl'), [
        '--kubeconfig',
        cluster.kubeconfig,
        'get',
        '--raw',
        service,
      ])
      return code === 0 ? stdout : undefined
    })
    expect(page).toContain('Welcome to nginx!')
    const pod = await kubectl(['get', '--raw', '/api/v1/namespaces/default/pods/web:80/proxy/'])
    expect(pod).toContain('Welcome to nginx!')
    const node = await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])
    expect(await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/healthz`])).toBe('ok')
    const metrics = await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/metrics/resource`])
    expect(metrics).toContain('node_cpu_usage_seconds_total')
  })

  it('lets a pod with the right to it ask the kubelet of any node', async () => {
    await kubectl(['create', 'serviceaccount', 'reader'])
    await kubectl(['create', 'clusterrole', 'node-reader', '--verb=get', '--resource=nodes/metrics'])
    await kubectl([
      'create',
      'clusterrolebinding',
      'node-reader',
      '--clusterrole=node-reader',
      '--serviceaccount=default:reader',
    ])
    await kubectl(['apply', '-f', '-'], { stdin: scraper })
    await kubectl(['wait', 'pod/scraper', '--for=condition=Ready', '--timeout=120s'])
    const status = await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].status}'])
    const { addresses, daemonEndpoints } = JSON.parse(status) as {
      addresses: Array<{ type: string; address: string }>
      daemonEndpoints: { kubeletEndpoint: { Port: number } }
    }
    const { address: ip } = addresses.find(({ type }) => type === 'InternalIP')!
    const token = (await kubectl(['create', 'token', 'reader'])).trim()
    const config = await readFile(cluster.kubeconfig, 'utf8')
    const [, encoded = ''] = /certificate-authority-data: (\S+)/.exec(config) ?? []
    const ca = Buffer.from(encoded, 'base64')
    for (const port of [10250, daemonEndpoints.kubeletEndpoint.Port]) {
      const ask = async (path: string): Promise<{ code: number | undefined; body: string }> => {
        // The pod only passes bytes on: that the certificate is the address's own is seen here.
        const command = ['exec', '-i', 'scraper', '--', 'nc', ip, String(port)]
        const child = spawn(clientBinary('kubectl'), ['--kubeconfig', cluster.kubeconfig, ...command])
        try {
          const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
          const socket = connect({ socket: stream, host: ip, ca })
          const headers = { authorization: `Bearer ${token}` }
          const sent = request({ host: ip, path, headers, createConnection: () => socket }).end()
          // Once the answer is there the child may be gone before TLS has said goodbye; what fails before is seen in the answer.
          sent.on('error', () => undefined)
          const [response] = (await once(sent, 'response')) as [IncomingMessage]
          return { code: response.statusCode, body: await text(response) }
        } finally {
          child.kill()
        }
      }
      const metrics = await ask('/metrics/resource')
      expect(metrics.body).toContain('container_memory_working_set_bytes{')
      expect((await ask('/pods')).code).toBe(403)
    }
  })

  it('serves kubectl proxy', async () => {
    const binary = clientBinary('kubectl')
    const child = spawn(binary, ['--kubeconfig', cluster.kubeconfig, 'proxy', '--port=0'])
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let text = ''
        child.once('exit', (code) => reject(new Error(`kubectl proxy ended with ${code}`)))
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString()
          const match = /Starting to serve on 127\.0\.0\.1:(\d+)/.exec(text)
          if (match) resolve(match[1]!)
        })
      })
      const namespaces = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces`)
      expect(((await namespaces.json()) as { kind: string }).kind).toBe('NamespaceList')
      const missing = await fetch(`http://127.0.0.1:${port}${service}nothing-here`)
      expect(missing.status).toBe(404)
      expect(await missing.text()).toContain('<center>nginx/')
    } finally {
      child.kill()
    }
  })
})
