import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { metricValue } from './testing/metric-value.ts'
import { refusal } from './testing/refusal.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'
import { waitFor } from './testing/wait-for.ts'
import type { Json } from './testing/webhook-server.ts'

describe('metrics of what an API server gives out, lists and judges', () => {
  let served: ServedControlPlane
  let client: Client

  beforeAll(async () => {
    served = await serveControlPlane()
    ;({ client } = served)
  })
  afterAll(() => served[Symbol.asyncDispose]())

  const valueOf = (metric: string, labels: Record<string, string> = {}): Promise<number> =>
    metricValue(served, metric, labels)

  it('count the addresses of Services', async () => {
    const prefix = 'kube_apiserver_clusterip_allocator'
    const cidr = '10.96.0.0/16'
    const now = (): Promise<number[]> =>
      Promise.all([
        valueOf(`${prefix}_allocated_ips`, { cidr }),
        valueOf(`${prefix}_available_ips`, { cidr }),
        valueOf(`${prefix}_allocation_total`, { cidr, scope: 'dynamic' }),
        valueOf(`${prefix}_allocation_total`, { cidr, scope: 'static' }),
        valueOf(`${prefix}_allocation_errors_total`, { cidr, scope: 'static' }),
        valueOf(`${prefix}_allocation_duration_seconds_count`, { cidr }),
      ])
    const before = await now()
    expect(before[0]! + before[1]!).toBe(65_534)
    const create = (name: string, clusterIP?: string): Promise<Json> =>
      client.create(resources.services, {
        metadata: { name, namespace: 'default' },
        spec: { ports: [{ port: 80 }], ...(clusterIP && { clusterIP }) },
      } as Json)
    await create('any')
    await create('certain', '10.96.0.77')
    expect(await refusal(create('late', '10.96.0.77'))).toMatch(/provided IP is already allocated/)
    const change = (await now()).map((value, at) => value - before[at]!)
    expect(change).toEqual([2, -2, 1, 1, 1, 2])
    await client.delete(resources.services, { namespace: 'default', name: 'certain' })
    await waitFor(async () => (await now())[0] === before[0]! + 1)
  })

  it('count the node ports of Services', async () => {
    const prefix = 'kube_apiserver_nodeport_allocator'
    const now = (): Promise<number[]> =>
      Promise.all([
        valueOf(`${prefix}_allocated_ports`),
        valueOf(`${prefix}_available_ports`),
        valueOf(`${prefix}_allocation_total`, { scope: 'dynamic' }),
        valueOf(`${prefix}_allocation_total`, { scope: 'static' }),
        valueOf(`${prefix}_allocation_errors_total`, { scope: 'static' }),
      ])
    const before = await now()
    expect(before[0]! + before[1]!).toBe(2768)
    const create = (name: string, nodePort?: number): Promise<Json> =>
      client.create(resources.services, {
        metadata: { name, namespace: 'default' },
        spec: { type: 'NodePort', ports: [{ port: 80, ...(nodePort && { nodePort }) }] },
      } as Json)
    await create('any-port')
    await create('certain-port', 30_007)
    expect(await refusal(create('late-port', 30_007))).toMatch(/provided port is already allocated/)
    expect((await now()).map((value, at) => value - before[at]!)).toEqual([2, -2, 1, 1, 1])
    await client.delete(resources.services, { namespace: 'default', name: 'certain-port' })
    await waitFor(async () => (await now())[0] === before[0]! + 1)
  })

  it('count what lists read, look at and give', async () => {
    const of = { group: '', resource: 'configmaps' }
    for (const [at, kind] of ['listed', 'listed', 'passed'].entries()) {
      const metadata = { name: `m${at}`, namespace: 'default', labels: { kind } }
      await client.create(resources.configMaps, { metadata } as Json)
    }
    const totals = [
      'list_total',
      'fetched_objects_total',
      'evaluated_objects_total',
      'returned_objects_total',
    ]
    const now = (): Promise<number[]> =>
      Promise.all(
        totals.map((name) =>
          valueOf(`apiserver_storage_${name === 'list_total' ? name : `list_${name}`}`, of),
        ),
      )
    const { items } = await client.list(resources.configMaps)
    const before = await now()
    const cached = await valueOf('apiserver_cache_list_total', of)
    await client.list(resources.configMaps, { labelSelector: 'kind=listed' })
    const change = (await now()).map((value, at) => value - before[at]!)
    expect(change).toEqual([1, items.length, items.length, 2])
    expect(await valueOf('apiserver_cache_list_total', of)).toBe(cached + 1)
  })

  it('count what is judged by Pod Security, by mode', async () => {
    await client.create(resources.namespaces, {
      metadata: {
        name: 'judged',
        labels: {
          'pod-security.kubernetes.io/enforce': 'baseline',
          'pod-security.kubernetes.io/warn': 'restricted',
        },
      },
    } as Json)
    const pod = (name: string, namespace: string, more: object = {}): Promise<Json> =>
      client.create(resources.pods, {
        metadata: { name, namespace },
        spec: { containers: [{ name: 'one', image: 'one' }], ...more },
      } as Json)
    const account = { metadata: { name: 'default', namespace: 'judged' } } as Json
    await client.create(resources.serviceAccounts, account)
    const count = (labels: Record<string, string>): Promise<number> =>
      valueOf('pod_security_evaluations_total', {
        ...labels,
        policy_version: 'latest',
        request_operation: 'create',
        resource: 'pod',
        subresource: '',
      })
    const now = (): Promise<number[]> =>
      Promise.all([
        count({ decision: 'allow', policy_level: 'baseline', mode: 'enforce' }),
        count({ decision: 'deny', policy_level: 'baseline', mode: 'enforce' }),
        count({ decision: 'deny', policy_level: 'restricted', mode: 'warn' }),
        count({ decision: 'allow', policy_level: 'privileged', mode: 'enforce' }),
      ])
    const before = await now()
    await pod('plain', 'judged')
    expect(await refusal(pod('host', 'judged', { hostNetwork: true }))).toMatch(/violates PodSecurity/)
    expect((await now()).map((value, at) => value - before[at]!)).toEqual([1, 1, 1, 0])
  })
})
