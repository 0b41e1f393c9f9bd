import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const seeds = join(import.meta.dirname, '../fixtures/seeds')

/** An application that shows its environment, and its Service of port 80. */
const application = (name: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: my-app:1.0.0
      imagePullPolicy: IfNotPresent
      readinessProbe: { httpGet: { port: 8080, path: /healthz } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}-service }
spec:
  selector: { app: ${name} }
  ports: [{ port: 80, targetPort: 8080 }]
`

const rolling = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: rolling }
spec:
  replicas: 2
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  selector: { matchLabels: { app: rolling } }
  template:
    metadata: { labels: { app: rolling } }
    spec:
      containers:
        - name: nginx
          image: nginx:1.25
          imagePullPolicy: IfNotPresent
          readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: rolling }
spec:
  selector: { app: rolling }
  ports: [{ name: http, port: 8000, targetPort: 80 }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: rolling }
spec:
  rules:
    - host: rolling.localhost
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: rolling, port: { name: http } } } }
`

describe('Ingresses on this machine', () => {
  let cluster: RunningCluster
  let kubectl: ReturnType<typeof kubectlFor>

  beforeAll(async () => {
    cluster = await startCluster({ args: ['--name', 'e2e-ingress'] })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
  })
  afterAll(async () => {
    if (cluster) await disposeCluster(cluster)
  })

  /** Where an Ingress is served by plain HTTP, by its status. */
  async function addressOf(namespace: string, name: string): Promise<{ host: string; port: number }> {
    const field = '{.status.loadBalancer.ingress[0].ip} {.status.loadBalancer.ingress[0].ports[0].port}'
    return eventually(`an address of ${name}`, async () => {
      const args = ['get', 'ingress', name, '-n', namespace, '-o', `jsonpath=${field}`]
      const [host, port] = (await kubectl(args)).split(' ')
      return host && port ? { host, port: Number(port) } : undefined
    })
  }

  async function ask(
    at: { host: string; port: number },
    host: string,
    path = '/',
  ): Promise<{ status: number | undefined; body: string }> {
    const call = request({ ...at, path, agent: false, headers: { host } })
    call.end()
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    return { status: response.statusCode, body: await text(response) }
  }

  it('serves the hosts of the practice’s Ingress, whose class nobody installed', async () => {
    await kubectl(['create', 'namespace', 'practice'])
    await kubectl(['apply', '-n', 'practice', '-f', join(seeds, 'ingress.yaml')])
    const at = await addressOf('practice', 'my-ingress')
    expect((await ask(at, 'api.example.com')).status).toBe(503)
    const applications = ['api', 'web'].map(application).join('---')
    await kubectl(['apply', '-n', 'practice', '-f', '-'], { stdin: applications })
    await kubectl(['wait', 'pod', '--all', '-n', 'practice', '--for=condition=Ready', '--timeout=120s'])
    for (const name of ['api', 'web']) {
      const answer = await eventually(`${name} answers`, async () => {
        // The annotation makes `/` of every path.
        const { status, body } = await ask(at, `${name}.example.com`, '/any/path')
        return status === 200 && body
      })
      expect(answer).toMatch(new RegExp(`^HOSTNAME=${name}$`, 'm'))
    }
    expect(await ask(at, 'example.com')).toEqual({ status: 404, body: 'default backend - 404\n' })
    expect(await kubectl(['get', 'ingress', '-n', 'practice'])).toMatch(
      /my-ingress\s+nginx\s+\S+\s+127\.0\.0\.1/,
    )
  })

  it('lets a class go as soon as another controller has it', async () => {
    const nginx = `{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"nginx"},"spec":{"controller":"k8s.io/ingress-nginx"}}`
    const at = await addressOf('practice', 'my-ingress')
    await kubectl(['apply', '-n', 'practice', '-f', '-'], { stdin: rolling })
    await addressOf('practice', 'rolling')
    await kubectl(['apply', '-f', '-'], { stdin: nginx })
    await eventually('404', async () => (await ask(at, 'api.example.com')).status === 404)
    await kubectl(['delete', 'ingressclass', 'nginx'])
    await eventually('served again', async () => (await ask(at, 'api.example.com')).status === 200)
  })

  it('serves the Spring Boot application', async () => {
    expect(readFileSync(join(seeds, 'spring-boot.yaml'), 'utf8')).toContain('ingressClassName: nginx')
    await kubectl(['apply', '-f', join(seeds, 'spring-boot.yaml')])
    await kubectl(['rollout', 'status', 'deployment/my-app', '-n', 'my-app', '--timeout=120s'])
    const at = await addressOf('my-app', 'my-app-ingress')
    const answer = await eventually('an answer', async () => {
      const { status, body } = await ask(at, 'my-app.example.com')
      return status === 200 && body
    })
    expect(answer).toContain('SPRING_PROFILES_ACTIVE=production')
    expect((await ask(at, 'my-app.example.com', '/actuator/health/readiness')).body).toBe('ok\n')
    await kubectl(['delete', 'namespace', 'my-app', '--wait=false'])
  })

  it('loses no request while a Deployment is updated', async () => {
    await kubectl(['rollout', 'status', 'deployment/rolling', '-n', 'practice', '--timeout=120s'])
    const at = await addressOf('practice', 'rolling')
    await eventually('it answers', async () => (await ask(at, 'rolling.localhost')).status === 200)
    const versions = new Map<string, number>()
    const failures: unknown[] = []
    let done = false
    const caller = async (): Promise<void> => {
      while (!done) {
        const answer = await ask(at, 'rolling.localhost').catch((error: unknown) => error)
        const version = /version (\S+)</.exec((answer as { body?: string }).body ?? '')?.[1]
        if (version) versions.set(version, (versions.get(version) ?? 0) + 1)
        else failures.push(answer)
      }
    }
    const callers = [caller(), caller()]
    await kubectl(['set', 'image', 'deployment/rolling', '-n', 'practice', 'nginx=nginx:1.27'])
    await kubectl(['rollout', 'status', 'deployment/rolling', '-n', 'practice', '--timeout=180s'])
    await eventually('the old pods are gone', async () => {
      const names = await kubectl(['get', 'pods', '-n', 'practice', '-l', 'app=rolling', '-o', 'name'])
      return names.trim().split('\n').length === 2
    })
    done = true
    await Promise.all(callers)
    expect(failures).toEqual([])
    expect([...versions.keys()].sort()).toEqual(['1.25', '1.27'])
  })
})
