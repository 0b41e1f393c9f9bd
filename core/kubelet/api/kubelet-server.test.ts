import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { checkServerIdentity as checkServer, type PeerCertificate } from 'node:tls'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPki, type Pki } from '../../auth/pki.ts'
import type { Client } from '../../client/client.ts'
import { createKubeletListener } from '../../cluster/kubelet-listener.ts'
import {
  createSimulatedWorld,
  testContainer,
  testPod,
  type SimulatedWorld,
} from '../testing/simulated-world.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { createMetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { KubeletServer } from './kubelet-server.ts'

interface Review {
  kind?: string
  spec: {
    token?: string
    user?: string
    resourceAttributes?: { subresource: string; verb: string }
  }
}

describe('the kubelet’s own API', () => {
  let directory: string
  let world: SimulatedWorld
  let pki: Pki
  let server: KubeletServer
  let reviews: Review[]

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wheelhouse-kubelet-'))
    reviews = []
    const metrics = createMetricRegistry()
    world = createSimulatedWorld({}, { metrics })
    const kubelet = await world.boot()
    pki = await openPki({ directory, clock: systemClock, log: silentLogger })
    // Lets `reader` read statistics and knows one token.
    const client = {
      async create(resource: { kind: string }, object: Review) {
        reviews.push({ ...object, kind: resource.kind })
        if (resource.kind === 'TokenReview') {
          const authenticated = object.spec.token === 'good'
          return { ...object, status: { authenticated, user: { username: 'reader', groups: [] } } }
        }
        const { user, resourceAttributes } = object.spec
        return {
          ...object,
          status: { allowed: user === 'reader' && resourceAttributes?.subresource !== 'proxy' },
        }
      },
    } as unknown as Client
    const listen = createKubeletListener({ pki, clock: systemClock, log: silentLogger })
    const podHost = '127.0.0.2'
    const node = { name: 'node-1', ip: '10.0.0.1', podHost, client, metrics }
    server = await listen({ ...node, kubelet: () => kubelet })
  })
  afterEach(async () => {
    await server.close()
    await world[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })

  async function get(path: string, options: object = {}): Promise<{ code: number; body: string }> {
    const { host, port } = server.address
    return new Promise((resolve, reject) => {
      const sent = request(
        { host, port, path, ca: pki.ca.certificate, agent: false, ...options },
        (response) =>
          void text(response).then((body) => resolve({ code: response.statusCode ?? 0, body }), reject),
      )
      sent.once('error', reject)
      sent.end()
    })
  }
  const withToken = { headers: { authorization: 'Bearer good' } }

  it('asks the API server who somebody is and what he may do, and remembers it', async () => {
    expect(await get('/healthz')).toEqual({ code: 401, body: 'Unauthorized\n' })
    expect((await get('/healthz', { headers: { authorization: 'Bearer bad' } })).code).toBe(401)
    expect(await get('/healthz', withToken)).toEqual({ code: 200, body: 'ok' })
    const asked = reviews.length
    expect(await get('/healthz', withToken)).toEqual({ code: 200, body: 'ok' })
    expect(reviews).toHaveLength(asked)
    expect(await get('/exec/default/web/app', withToken)).toEqual({
      code: 403,
      body: 'Forbidden (user=reader, verb=get, resource=nodes, subresource(s)=[proxy])\n',
    })
    expect((await get('/nothing', withToken)).code).toBe(403)
  })

  it('can be reached where pods come to, under the address of the node', async () => {
    const { host, port } = server.podAddress!
    expect(host).toBe('127.0.0.2')
    const options = { ...withToken, host, port, servername: '' }
    // The certificate is for the name that the client goes by.
    const checkServerIdentity = (_name: string, certificate: PeerCertificate): Error | undefined =>
      checkServer('10.0.0.1', certificate)
    expect(await get('/healthz', { ...options, checkServerIdentity })).toEqual({ code: 200, body: 'ok' })
  })

  it('closes although somebody connected and said nothing', async () => {
    const socket = connect(server.address.port, server.address.host)
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    expect((await get('/healthz', withToken)).code).toBe(200)
    const gone = once(socket, 'close')
    await server.close()
    await gone
  })

  it('takes client certificates of the cluster’s authority', async () => {
    const { certificate: cert, key } = await pki.issueClient({ commonName: 'reader', organizations: ['o'] })
    expect((await get('/healthz', { cert, key })).code).toBe(200)
    expect(reviews.at(-1)?.spec).toMatchObject({ user: 'reader', groups: ['o', 'system:authenticated'] })
  })

  it('lists its pods and tells what they use', async () => {
    const annotations = { 'simulated.wheelhouse.dev/memory': '1Mi' }
    const pod = world.api.createPod(testPod({}, { annotations }))
    await world.eventually(() => world.api.pod(pod.metadata.uid!)?.status?.phase === 'Running')
    const pods = JSON.parse((await get('/pods', withToken)).body) as { kind: string; items: unknown[] }
    expect(pods).toMatchObject({ kind: 'PodList', apiVersion: 'v1', items: [{ metadata: { name: 'web' } }] })
    const asking = get('/stats/summary?only_cpu_and_memory=true', withToken)
    let answer: { code: number; body: string } | undefined
    void asking.then((found) => (answer = found))
    await world.eventually(() => answer !== undefined)
    expect(JSON.parse(answer!.body)).toMatchObject({
      node: { nodeName: 'node-1' },
      pods: [
        { podRef: { name: 'web' }, containers: [{ name: 'app', memory: { workingSetBytes: 1048576 } }] },
      ],
    })
    expect((await get('/metrics/resource', withToken)).body).toContain('container_memory_working_set_bytes{')
    expect(JSON.parse((await get('/configz', withToken)).body)).toMatchObject({
      kubeletconfig: { kind: 'KubeletConfiguration' },
    })
  })

  it('serves the logs of its pods as files in folders, and nothing else', async () => {
    const annotations = { 'simulated.wheelhouse.dev/log': 'hello' }
    const { uid = '' } = world.api.createPod(testPod({}, { annotations })).metadata
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Running')
    const folder = `/logs/pods/default_web_${uid}`
    expect(await get('/logs/', withToken)).toEqual({
      code: 200,
      body: '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n<a href="pods/">pods/</a>\n</pre>\n',
    })
    expect(reviews.at(-1)?.spec.resourceAttributes).toMatchObject({ subresource: 'log', verb: 'get' })
    expect((await get('/logs/pods/', withToken)).body).toContain(`<a href="default_web_${uid}/">`)
    expect((await get(`${folder}/`, withToken)).body).toContain('<a href="app/">app/</a>')
    expect((await get(`${folder}/app/`, withToken)).body).toContain('<a href="0.log">0.log</a>')
    const { code, body } = await get(`${folder}/app/0.log`, withToken)
    expect(code).toBe(200)
    expect(body).toMatch(/^\d{4}-\d\d-\d\dT\S+Z \S/)
    expect((await get('/logs/pods', withToken)).code).toBe(301)
    for (const path of [
      '/logs/../etc/passwd',
      '/logs/pods/..%2f..%2fetc/',
      `${folder}/app/1.log`,
      '/logs/x',
    ]) {
      expect((await get(path, withToken)).code).toBe(path.startsWith('/logs/..') ? 403 : 404)
    }
  })

  it('counts what probes find, by container and result', async () => {
    const probe = { exec: { command: ['true'] }, periodSeconds: 1 }
    const containers = [testContainer('app', { readinessProbe: probe })]
    const { uid = '' } = world.api.createPod(testPod({ containers })).metadata
    await world.eventually(
      () =>
        world.api
          .pod(uid)
          ?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
    )
    const { code, body } = await get('/metrics/probes', withToken)
    expect(code).toBe(200)
    expect(body).toMatch(
      new RegExp(
        `^prober_probe_total\\{container="app",namespace="default",pod="web",pod_uid="${uid}",probe_type="Readiness",result="successful"\\} [1-9]`,
        'm',
      ),
    )
    expect(body).toMatch(/^prober_probe_duration_seconds_bucket\{.*le="\+Inf"\} [1-9]/m)
    expect(reviews.at(-1)?.spec.resourceAttributes).toMatchObject({ subresource: 'metrics', verb: 'get' })
    world.api.requestDeletion(uid, 0, world.clock.now())
    await world.eventually(() => world.api.pods.size === 0)
    await world.eventually(() => world.network.addresses.size === 0)
    expect((await get('/metrics/probes', withToken)).body).toBe('')
  })

  it('counts what happens to pods, containers and the runtime, by upstream’s names', async () => {
    const annotations = {
      'simulated.wheelhouse.dev/run-for': '1s',
      'simulated.wheelhouse.dev/exit-code': '139',
    }
    const { uid = '' } = world.api.createPod(testPod({ restartPolicy: 'Never' }, { annotations })).metadata
    const { uid: other = '' } = world.api.createPod(testPod({}, { name: 'other' })).metadata
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Failed')
    await world.eventually(() => world.api.pod(other)?.status?.phase === 'Running')
    const { code, body } = await get('/metrics', withToken)
    expect(code).toBe(200)
    const lines = body.split('\n')
    for (const line of [
      'kubelet_terminated_containers_total{container_type="container",exit_code="139",reason="Error"} 1',
      'kubelet_started_containers_total{container_type="container"} 2',
      'kubelet_started_pods_total 2',
      'kubelet_running_containers{container_state="running"} 1',
      'kubelet_running_pods 1',
      'kubelet_desired_pods{static=""} 2',
      'kubelet_active_pods{static=""} 1',
      'kubelet_node_name{node="node-1"} 1',
      'kubelet_pod_start_duration_seconds_count 2',
      'kubelet_runtime_operations_total{operation_type="run_podsandbox"} 2',
    ]) {
      expect(lines).toContain(line)
    }
    expect(body).toMatch(/^kubelet_http_inflight_requests\{.*path="metrics".*\} 1$/m)
  })

  it('tells what its own health checks found', async () => {
    expect((await get('/healthz?verbose', withToken)).body).toBe(
      '[+]ping ok\n[+]log ok\n[+]syncloop ok\nhealthz check passed\n',
    )
    expect(await get('/healthz/syncloop', withToken)).toEqual({ code: 200, body: 'ok' })
    expect((await get('/healthz/nothing', withToken)).code).toBe(404)
    const { body } = await get('/metrics/slis', withToken)
    expect(body).toContain('kubernetes_healthchecks_total{name="syncloop",status="success",type="healthz"} 1')
  })
})
