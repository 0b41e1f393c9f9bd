import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import type { StatusError } from '../api/status.ts'
import { serveControlPlane } from './testing/serve-control-plane.ts'
import type { ServedControlPlane } from './testing/serve-control-plane.ts'

let served: ServedControlPlane
let agentsAreReady = true
beforeEach(async () => {
  agentsAreReady = true
  served = await serveControlPlane({ agentsReady: () => agentsAreReady })
})
afterEach(() => served[Symbol.asyncDispose]())

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

describe('componentstatuses', () => {
  const healthy = { type: 'Healthy', status: 'True', message: 'ok' }

  it('tell how the parts of the control plane are, with a warning', async () => {
    const { code, warnings, body } = await served.get('/api/v1/componentstatuses')
    expect([code, warnings]).toEqual([200, '299 - "v1 ComponentStatus is deprecated in v1.19+"'])
    expect(body).toMatchObject({
      kind: 'ComponentStatusList',
      items: ['controller-manager', 'scheduler', 'etcd-0'].map((name) => ({
        metadata: { name },
        conditions: [healthy],
      })),
    })
  })

  it('are a table with what is wrong', async () => {
    agentsAreReady = false
    const { body } = await served.get('/api/v1/componentstatuses', table)
    const { columnDefinitions, rows } = body as {
      columnDefinitions: { name: string }[]
      rows: { cells: unknown[] }[]
    }
    expect(columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Status', 'Message', 'Error'])
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['controller-manager', 'Unhealthy', 'controllers are still starting', ''],
      ['scheduler', 'Unhealthy', 'controllers are still starting', ''],
      ['etcd-0', 'Healthy', 'ok', ''],
    ])
  })

  it('are read by name, and no other name', async () => {
    expect(await served.get('/api/v1/componentstatuses/etcd-0')).toMatchObject({
      code: 200,
      body: { kind: 'ComponentStatus', metadata: { name: 'etcd-0' }, conditions: [healthy] },
    })
    expect(await served.get('/api/v1/componentstatuses/etcd-1')).toMatchObject({
      code: 404,
      body: { kind: 'Status', message: 'componentstatus "etcd-1" not found' },
    })
  })
})

describe('bindings', () => {
  const call = { verb: 'create', resource: { group: '', version: 'v1', resource: 'bindings' } } as const
  const bind = (name: string, target: object): Promise<unknown> =>
    served.client.transport.call({
      ...call,
      namespace: 'default',
      body: { kind: 'Binding', apiVersion: 'v1', metadata: { name }, target },
    })

  async function createPod(): Promise<void> {
    const spec = { containers: [{ name: 'c', image: 'i' }] }
    const metadata = { name: 'default', namespace: 'default' }
    await served.client.create(resources.serviceAccounts, { metadata })
    await served.client.create(resources.pods, { metadata: { ...metadata, name: 'p' }, spec })
  }

  it('are offered for creation only', async () => {
    const { body } = await served.get('/api/v1')
    expect((body as { resources: { name: string }[] }).resources).toContainEqual({
      name: 'bindings',
      singularName: 'binding',
      namespaced: true,
      kind: 'Binding',
      verbs: ['create'],
    })
  })

  it('assign a pod to a node, once', async () => {
    await createPod()
    expect(await bind('p', { kind: 'Node', name: 'n' })).toMatchObject({ kind: 'Status', status: 'Success' })
    const pod = await served.client.get(resources.pods, { namespace: 'default', name: 'p' })
    expect(pod.spec.nodeName).toBe('n')
    const again = (await bind('p', { name: 'm' }).catch((error: unknown) => error)) as StatusError
    expect(again.status).toMatchObject({ code: 409, reason: 'Conflict' })
    expect(again.message).toContain('pod p is already assigned to node "n"')
  })

  it('are refused without a node', async () => {
    await createPod()
    const refused = (await bind('p', { kind: 'Box' }).catch((error: unknown) => error)) as StatusError
    // Upstream gives these as an error of its own making, not as a refusal.
    expect([refused.status.code, refused.message]).toEqual([
      500,
      '[target.kind: Unsupported value: "Box": supported values: "Node", "<empty>", target.name: Required value]',
    ])
  })
})
