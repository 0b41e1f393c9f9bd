import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, kubectlFor, kubectlVersions, run } from '../harness/clients.ts'
import {
  containerNames,
  containersGone,
  disposeCluster,
  nodesReady,
  startCluster,
  type RunningCluster,
} from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const seeds = join(import.meta.dirname, '../fixtures/seeds')
const nginxContainers = /^k8s_nginx_/

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-workloads'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

/** Runs `wget`-like HTTP through busybox's nc, since its static wget cannot resolve names. */
function fetchIn(pod: string, host: string): Promise<string> {
  const script = `printf 'GET / HTTP/1.0\\r\\nHost: ${host}\\r\\n\\r\\n' | nc -w 10 ${host} 80`
  return kubectl(['exec', pod, '--', 'sh', '-c', script])
}

describe('the seeds’ nginx Deployment and Service on Docker', () => {
  it('becomes Ready and answers by name from another pod', async () => {
    await kubectl(['apply', '-f', join(seeds, 'nginx.yaml')])
    await kubectl(['apply', '-f', join(seeds, 'toolbox.yaml')])
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=120s'])
    await kubectl(['wait', 'pod/toolbox', '--for=condition=Ready', '--timeout=120s'])
    expect(await containerNames(cluster, nginxContainers)).toHaveLength(3)
    const lookup = await kubectl(['exec', 'toolbox', '--', 'nslookup', 'nginx.default.svc.cluster.local'])
    const clusterIp = await kubectl(['get', 'service', 'nginx', '-o', 'jsonpath={.spec.clusterIP}'])
    expect(lookup).toContain(clusterIp)
    for (const name of ['nginx', 'nginx.default.svc.cluster.local'])
      await eventually(`${name} answers`, async () => (await fetchIn('toolbox', name)).includes('200 OK'))
  })

  it('is reached from this machine by a node port', async () => {
    await kubectl(['expose', 'deployment', 'nginx', '--name=outside', '--type=NodePort', '--port=80'])
    const port = await kubectl(['get', 'service', 'outside', '-o', 'jsonpath={.spec.ports[0].nodePort}'])
    const page = await eventually('the port answers', async () =>
      (await fetch(`http://127.0.0.1:${port}/`)).text(),
    )
    expect(page).toContain('Welcome to nginx!')
    await kubectl(['delete', 'service', 'outside'])
  })

  it('is shown by get and describe as kubectl shows any cluster', async () => {
    const wide = await kubectl(['get', 'pods', '-o', 'wide', '-l', 'app=nginx'])
    expect(wide.split('\n')[0]).toMatch(
      /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES/,
    )
    expect(wide.match(/1\/1\s+Running\s+0\s/g)).toHaveLength(3)
    expect(await kubectl(['get', 'deployment', 'nginx'])).toMatch(/nginx\s+3\/3\s+3\s+3/)
    const [pod] = (await kubectl(['get', 'pods', '-l', 'app=nginx', '-o', 'name'])).split('\n')
    await eventually('events tell of its way', async () => {
      const description = await kubectl(['describe', pod!])
      return (
        /Scheduled\s+\S+\s+default-scheduler\s+Successfully assigned default\/nginx-/.test(description) &&
        /Normal\s+Started/.test(description)
      )
    })
    expect(await kubectl(['describe', 'service', 'nginx'])).toMatch(/Endpoints:\s+\S+:80,\S+:80/)
    expect(await kubectl(['get', 'all'])).toContain('replicaset.apps/nginx-')
  })

  it.each(kubectlVersions)('gives logs, exec and port-forward to kubectl 1.%s', async (version) => {
    const k = kubectlFor(cluster.kubeconfig, version)
    expect(await k(['logs', 'toolbox'])).toBe('started\n')
    expect(await k(['exec', 'toolbox', '-i', '--', 'cat'], { stdin: 'over the wire' })).toBe('over the wire')
    await expect(k(['exec', 'toolbox', '--', 'sh', '-c', 'exit 7'])).rejects.toThrow('exited with 7')
    expect(await throughPortForward(version, 'service/nginx')).toContain('nginx')
  })

  it('reaches the API server from a pod, and knows the pod by its token', async () => {
    const script = 'nc -w 3 kubernetes.default.svc.cluster.local 443 </dev/null && echo connected'
    expect(await kubectl(['exec', 'toolbox', '--', 'sh', '-c', script])).toContain('connected')
    const directory = '/var/run/secrets/kubernetes.io/serviceaccount'
    const token = await kubectl(['exec', 'toolbox', '--', 'cat', `${directory}/token`])
    const ca = await kubectl(['exec', 'toolbox', '--', 'cat', `${directory}/ca.crt`])
    expect(await kubectl(['exec', 'toolbox', '--', 'cat', `${directory}/namespace`])).toBe('default')
    const authority = join(cluster.dataDirectory, 'ca-from-pod.crt')
    writeFileSync(authority, ca)
    const asPod = ['--kubeconfig', '/dev/null', '--server', cluster.api, '--certificate-authority', authority]
    const who = await run(clientBinary('kubectl'), [...asPod, '--token', token, 'auth', 'whoami'])
    expect(who.stdout).toContain('system:serviceaccount:default:default')
    const denied = await run(clientBinary('kubectl'), [...asPod, '--token', token, 'get', 'secrets'])
    expect(denied.stderr).toContain(
      'User "system:serviceaccount:default:default" cannot list resource "secrets" in API group ""',
    )
  })

  it('balances a Service over Ready pods and follows their changes', async () => {
    await kubectl(['scale', 'deployment/nginx', '--replicas=0'])
    await eventually('nothing answers any more', async () => {
      const script = 'nc -w 1 nginx 80 </dev/null || echo refused'
      return /refused/.test(await kubectl(['exec', 'toolbox', '--', 'sh', '-c', script]))
    })
    await kubectl(['scale', 'deployment/nginx', '--replicas=3'])
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=120s'])
    await eventually('the Service answers', async () =>
      (await fetchIn('toolbox', 'nginx')).includes('200 OK'),
    )
    const logs = async (): Promise<string[]> => {
      const names = (await kubectl(['get', 'pods', '-l', 'app=nginx', '-o', 'name'])).trim().split('\n')
      return Promise.all(names.map((name) => kubectl(['logs', name])))
    }
    // Of so many none of three goes without but once in ten million times.
    for (let i = 0; i < 40; i++) await fetchIn('toolbox', 'nginx')
    await eventually('each has had some', async () => {
      const served = (await logs()).map((text) => (text.match(/GET \/ HTTP/g) ?? []).length)
      return served.length === 3 && served.every(Boolean) && served.reduce((sum, count) => sum + count) >= 41
    })
  })

  it('follows logs until the pod ends', async () => {
    await kubectl([
      'run',
      'short',
      '--image=busybox:latest',
      '--image-pull-policy=IfNotPresent',
      '--restart=Never',
      '--command',
      '--',
      'sh',
      '-c',
      'for i in 1 2 3; do echo line $i; sleep 1; done; exit 3',
    ])
    await eventually('short runs', async () =>
      (await kubectl(['get', 'pod', 'short', '-o', 'jsonpath={.status.phase}'])) !== 'Pending'
        ? true
        : undefined,
    )
    expect(await kubectl(['logs', '-f', 'short'])).toBe('line 1\nline 2\nline 3\n')
    await kubectl(['wait', 'pod/short', '--for=jsonpath={.status.phase}=Failed', '--timeout=120s'])
    const state =
      '{.status.containerStatuses[0].state.terminated.exitCode} {.status.containerStatuses[0].state.terminated.reason}'
    expect(await kubectl(['get', 'pod', 'short', '-o', `jsonpath=${state}`])).toBe('3 Error')
    await kubectl(['delete', 'pod', 'short'])
  })

  it('scales, updates, tells its history and goes back', async () => {
    await kubectl(['scale', 'deployment/nginx', '--replicas=5'])
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=120s'])
    expect(await kubectl(['get', 'deployment', 'nginx'])).toMatch(/5\/5/)
    await kubectl(['set', 'image', 'deployment/nginx', 'nginx=nginx:1.27'])
    expect(await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=180s'])).toContain(
      'successfully rolled out',
    )
    await eventually('the new version answers', async () =>
      (await fetchIn('toolbox', 'nginx')).includes('1.27'),
    )
    const history = await kubectl(['rollout', 'history', 'deployment/nginx'])
    expect(history).toMatch(/^1\s/m)
    expect(history).toMatch(/^2\s/m)
    await kubectl(['rollout', 'undo', 'deployment/nginx'])
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=180s'])
    const image = 'jsonpath={.spec.template.spec.containers[0].image}'
    expect(await kubectl(['get', 'deployment', 'nginx', '-o', image])).toBe('nginx:1.25')
    expect(await kubectl(['rollout', 'history', 'deployment/nginx'])).toMatch(/^3\s/m)
  })

  it('leaves no container behind after delete -f', async () => {
    await kubectl(['delete', '-f', join(seeds, 'nginx.yaml')])
    await containersGone(cluster, nginxContainers)
    await kubectl(['delete', '-f', join(seeds, 'toolbox.yaml')])
    await containersGone(cluster, /^k8s_/)
  })
})

async function throughPortForward(
  version: (typeof kubectlVersions)[number],
  target: string,
): Promise<string> {
  const child = spawn(clientBinary('kubectl', version), [
    '--kubeconfig',
    cluster.kubeconfig,
    'port-forward',
    target,
    ':80',
  ])
  try {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    const port = await eventually('port-forward listens', () => /127\.0\.0\.1:(\d+) ->/.exec(output)?.[1])
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect(response.status).toBe(200)
    return await response.text()
  } finally {
    child.kill()
  }
}
