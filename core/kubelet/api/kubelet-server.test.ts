import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPki, type Pki } from '../../auth/pki.ts'
import type { Client } from '../../client/client.ts'
import { createKubeletListener } from '../../cluster/kubelet-listener.ts'
import { createSimulatedWorld, testPod, type SimulatedWorld } from '../testing/simulated-world.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
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
    world = createSimulatedWorld()
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
    server = await listen({ name: 'node-1', ip: '10.0.0.1', client, kubelet: () => kubelet })
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
})
