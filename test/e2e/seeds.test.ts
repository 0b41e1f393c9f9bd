import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

/**
 * Every manifest of the documents, in their form. A fixture whose objects name no namespace goes to that of the
 * document it comes from; a new file in the folder fails the last test until it has one here.
 */
const namespaceOf: Record<string, string> = {
  'my-pod.yaml': 'concepts',
  'my-service.yaml': 'concepts',
  'my-deployment.yaml': 'concepts',
  'my-config.yaml': 'concepts',
  'pod.yaml': 'practice',
  'deployment.yaml': 'practice',
  'service.yaml': 'practice',
  'ingress.yaml': 'practice',
  'configuration.yaml': 'practice',
  'storage.yaml': 'claims',
  'hpa.yaml': 'practice',
  'spring-boot.yaml': 'my-app',
  'namespaces.yaml': 'default',
  'edu-msa.yaml': 'edu',
  'edu-msa-board.yaml': 'edu',
  'nginx-pod.yaml': 'edu',
  'nginx-pod.json': 'edu',
  'nginx.yaml': 'default',
  'toolbox.yaml': 'default',
  'pod-security.yaml': 'default',
  'rbac.yaml': 'prod',
  'network-policy.yaml': 'prod',
}
const seeds = join(import.meta.dirname, '../fixtures/seeds')

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

const inNamespace = (file: string): string[] => {
  const namespace = namespaceOf[file]!
  // Objects that name their namespace themselves must not be given another.
  return readFileSync(join(seeds, file), 'utf8').includes('namespace:') ? [] : ['-n', namespace]
}
const apply = (file: string): Promise<string> =>
  kubectl(['apply', '-f', join(seeds, file), ...inNamespace(file)])
const rolledOut = (namespace: string, name: string): Promise<string> =>
  kubectl(['rollout', 'status', `deployment/${name}`, '-n', namespace, '--timeout=120s'])
const podReady = (namespace: string, name: string): Promise<string> =>
  kubectl(['wait', `pod/${name}`, '-n', namespace, '--for=condition=Ready', '--timeout=120s'])
const environment = async (namespace: string, target: string): Promise<string[]> =>
  (await kubectl(['exec', target, '-n', namespace, '--', 'env'])).split('\n')

/** What a Service or an address answers to a request from the toolbox, as soon as it has heard of pods that are Ready. */
function ask(host: string, port = 80): Promise<string> {
  const script = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 10 ${host} ${port}`
  return eventually(`${host} answers`, () => kubectl(['exec', 'toolbox', '--', 'sh', '-c', script]))
}

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-seeds'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  for (const name of ['concepts', 'practice', 'edu', 'claims']) await kubectl(['create', 'namespace', name])
  await apply('toolbox.yaml')
  await podReady('default', 'toolbox')
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

describe('the concepts', () => {
  it('runs a Pod that answers at its own address', async () => {
    expect(await apply('my-pod.yaml')).toBe('pod/my-pod created\n')
    await podReady('concepts', 'my-pod')
    const ip = await kubectl(['get', 'pod', 'my-pod', '-n', 'concepts', '-o', 'jsonpath={.status.podIP}'])
    expect(await ask(ip)).toContain('Welcome to nginx!')
    await kubectl(['delete', 'pod', 'my-pod', '-n', 'concepts'])
  })

  it('keeps three replicas behind a Service of another port', async () => {
    await apply('my-service.yaml')
    await apply('my-deployment.yaml')
    await rolledOut('concepts', 'my-deployment')
    expect(await kubectl(['get', 'deployment', 'my-deployment', '-n', 'concepts'])).toMatch(/3\/3\s+3\s+3/)
    // The page of the application is its environment: the host name says which pod answered.
    const answer = await ask('my-service.concepts')
    expect(answer).toMatch(/^HOSTNAME=my-deployment-[a-z0-9]+-[a-z0-9]{5}$/m)
  })

  it('stores a ConfigMap and a Secret, the Secret’s values hidden from describe', async () => {
    await apply('my-config.yaml')
    const described = await kubectl(['describe', 'secret', 'my-secret', '-n', 'concepts'])
    expect(described).toMatch(/password:\s+11 bytes/)
    expect(described).not.toContain('cGFzc3dvcmQxMjM=')
    const level = 'jsonpath={.data.LOG_LEVEL}'
    expect(await kubectl(['get', 'configmap', 'my-config', '-n', 'concepts', '-o', level])).toBe('info')
  })
})

describe('the practice', () => {
  it('gives a Pod its requests and limits', async () => {
    await apply('pod.yaml')
    await podReady('practice', 'my-app')
    const described = await kubectl(['describe', 'pod', 'my-app', '-n', 'practice'])
    expect(described).toMatch(/QoS Class:\s+Burstable/)
    const limit = ['exec', 'my-app', '-n', 'practice', '--', 'sh', '-c']
    const files =
      'cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes'
    expect((await kubectl([...limit, files])).trim()).toBe(String(512 * 2 ** 20))
    await kubectl(['delete', 'pod', 'my-app', '-n', 'practice', '--grace-period=1'])
  })

  it('updates with maxSurge 1 and maxUnavailable 0, never with fewer than three', async () => {
    await apply('deployment.yaml')
    await apply('service.yaml')
    await rolledOut('practice', 'my-app')
    const deployment = ['deployment/my-app', '-n', 'practice']
    const available = async (): Promise<number> =>
      Number(await kubectl(['get', ...deployment, '-o', 'jsonpath={.status.availableReplicas}']))
    await kubectl(['set', 'image', ...deployment, 'app=my-app:v1'])
    const seen: number[] = []
    let done = false
    const watching = (async () => {
      while (!done) seen.push(await available())
    })()
    await rolledOut('practice', 'my-app').finally(() => (done = true))
    await watching
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(3)
    expect(await ask('my-app-service.practice')).toMatch(/^HOSTNAME=my-app-/m)
  })

  it('shows values of ConfigMap and Secret decoded inside the container', async () => {
    await apply('configuration.yaml')
    await podReady('practice', 'configured')
    expect(await environment('practice', 'configured')).toEqual(
      expect.arrayContaining([
        'DATABASE_HOST=mysql-service',
        'LOG_LEVEL=INFO',
        'SPRING_PROFILES_ACTIVE=production',
        'DATABASE_PASSWORD=password123',
        'DB_PASSWORD=password123',
        'JWT_SECRET=secret-key-123456',
      ]),
    )
  })

  it('shows an Ingress of two hosts', async () => {
    await apply('ingress.yaml')
    expect(await kubectl(['get', 'ingress', 'my-ingress', '-n', 'practice'])).toMatch(
      /my-ingress\s+nginx\s+api\.example\.com,web\.example\.com/,
    )
    const described = await kubectl(['describe', 'ingress', 'my-ingress', '-n', 'practice'])
    expect(described).toMatch(/api\.example\.com\s+\/\s+api-service:80/)
    expect(described).toMatch(/web\.example\.com\s+\/\s+web-service:80/)
  })

  it('limits namespaces by their quotas', async () => {
    await apply('namespaces.yaml')
    await kubectl(['apply', '-n', 'dev', '-f', join(seeds, 'pod.yaml')])
    await eventually('the quota counts the pod', async () =>
      /requests\.cpu\s+250m\s+4/.test(await kubectl(['describe', 'resourcequota', 'quota', '-n', 'dev'])),
    )
    await expect(kubectl(['run', 'plain', '-n', 'dev', '--image=nginx'])).rejects.toThrow(
      'pods "plain" is forbidden: failed quota: quota: must specify requests.cpu for: plain; requests.memory for: plain',
    )
    const greedy = { requests: { cpu: '4', memory: '1Gi' } }
    const overrides = { spec: { containers: [{ name: 'greedy', image: 'nginx', resources: greedy }] } }
    await expect(
      kubectl(['run', 'greedy', '-n', 'dev', '--image=nginx', '--overrides', JSON.stringify(overrides)]),
    ).rejects.toThrow(
      'pods "greedy" is forbidden: exceeded quota: quota, requested: requests.cpu=4, used: requests.cpu=250m, limited: requests.cpu=4',
    )
    await kubectl(['delete', 'pod', 'my-app', '-n', 'dev', '--grace-period=1'])
  })
})

describe('the Spring Boot application', () => {
  it('is Ready by its probes, with its environment, behind Service, Ingress and autoscaler', async () => {
    const created = (await apply('spring-boot.yaml')).trim().split('\n')
    expect(created).toEqual([
      'namespace/my-app created',
      'configmap/app-config created',
      'secret/app-secret created',
      'deployment.apps/my-app created',
      'service/my-app-service created',
      'ingress.networking.k8s.io/my-app-ingress created',
      'horizontalpodautoscaler.autoscaling/my-app-hpa created',
    ])
    await rolledOut('my-app', 'my-app')
    expect(await environment('my-app', 'deployment/my-app')).toEqual(
      expect.arrayContaining([
        'SPRING_PROFILES_ACTIVE=production',
        'SERVER_PORT=8080',
        'DB_PASSWORD=password123',
      ]),
    )
    expect(await ask('my-app-service.my-app.svc.cluster.local')).toContain('DB_PASSWORD=password123')
    // The application's start prints its environment; httpd then tells of each answered probe.
    await eventually('the log tells of both', async () => {
      const logs = await kubectl(['logs', 'deployment/my-app', '-n', 'my-app'])
      return /^SPRING_PROFILES_ACTIVE=production$/m.test(logs) && logs.includes('response:200')
    })
    await eventually(
      'the autoscaler knows the usage',
      async () =>
        /my-app-hpa\s+Deployment\/my-app\s+cpu: \d+%\/50%\s+2\s+10\s+\d+/.test(
          await kubectl(['get', 'hpa', '-n', 'my-app']),
        ),
      60_000,
    )
  })

  it('restarts a container whose liveness probe fails, and no other', async () => {
    const [pod] = (await kubectl(['get', 'pods', '-n', 'my-app', '-o', 'name'])).split('\n')
    const page = '/tmp/www/actuator/health/liveness'
    await kubectl(['exec', pod!, '-n', 'my-app', '--', 'rm', page])
    const restarts = async (): Promise<string> =>
      kubectl(['get', pod!, '-n', 'my-app', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'])
    await eventually('one restart', async () => Number(await restarts()) > 0, 120_000)
    await eventually('events tell why', async () => {
      const described = await kubectl(['describe', pod!, '-n', 'my-app'])
      return (
        described.includes('Liveness probe failed: HTTP probe failed with statuscode: 404') &&
        described.includes('Container app failed liveness probe, will be restarted')
      )
    })
    const events = await kubectl(['events', '-n', 'my-app'])
    const blamed = events.split('\n').filter((line) => line.includes('statuscode: 404'))
    expect(blamed.every((line) => line.includes(pod!.replace('pod/', 'Pod/')))).toBe(true)
  })
})

describe('edu-msa', () => {
  it('lets the Secret win where it and the ConfigMap set the same name', async () => {
    await apply('edu-msa.yaml')
    await podReady('edu', 'edu-msa-pod')
    expect(await environment('edu', 'edu-msa-pod')).toContain('edu=msah')
  })

  it('runs a local image under imagePullPolicy Always, and its NodePort Service', async () => {
    await apply('edu-msa-board.yaml')
    await rolledOut('edu', 'edu-msa-board')
    const present = 'Container image "paastakr/edu-msa-board:latest" already present on machine'
    await eventually('an event tells so', async () =>
      (await kubectl(['events', '-n', 'edu'])).includes(present),
    )
    expect(await kubectl(['get', 'service', 'edu-msa-board', '-n', 'edu'])).toMatch(
      /NodePort\s+\S+\s+<none>\s+28082:30201\/TCP/,
    )
    expect(await ask('edu-msa-board.edu', 28082)).toMatch(/^HOSTNAME=edu-msa-board-/m)
  })

  it('takes the same Pod as YAML and as JSON', async () => {
    expect(await apply('nginx-pod.yaml')).toBe('pod/nginx created\n')
    await podReady('edu', 'nginx')
    expect(await apply('nginx-pod.json')).toBe('pod/nginx unchanged\n')
  })
})

describe('every manifest', () => {
  const files = readdirSync(seeds).sort()

  it('has its place here', () => {
    expect(Object.keys(namespaceOf).sort()).toEqual(files)
  })

  it.each(files)('%s is there as applied: nothing differs', async (file) => {
    const lines = (await apply(file)).trim().split('\n')
    expect(lines).toHaveLength(parseAllDocuments(readFileSync(join(seeds, file), 'utf8')).length)
    // kubectl says `configured` of an applied Pod with volumes in any cluster: the token's volume comes between.
    expect(await kubectl(['diff', '-f', join(seeds, file), ...inNamespace(file)])).toBe('')
  })
})
