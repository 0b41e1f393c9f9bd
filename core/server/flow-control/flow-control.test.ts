import { once } from 'node:events'
import { Agent, request as httpsRequest } from 'node:https'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../testing/test-server.ts'
import { api, useFlowControl } from './testing/use-flow-control.ts'

describe('priority and fairness over HTTPS', () => {
  const under = useFlowControl()
  const { as, metric } = under

  it("has upstream's objects, each with its condition", async () => {
    const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
    const rows = async (plural: string): Promise<string[]> => {
      const { json } = await under.test.call('GET', `${api}/${plural}`, { headers: table })
      return (json as { rows: { cells: unknown[] }[] }).rows.map(({ cells }) =>
        cells.filter((cell) => !/^([\d]+[ms])+$/.test(String(cell))).join(' '),
      )
    }
    await expect
      .poll(() => rows('flowschemas'))
      .toEqual([
        'catch-all catch-all 10000 ByUser False',
        'exempt exempt 1 <none> False',
        'global-default global-default 9900 ByUser False',
        'kube-controller-manager workload-high 800 ByNamespace False',
        'kube-scheduler workload-high 800 ByNamespace False',
        'kube-system-service-accounts workload-high 900 ByNamespace False',
        'probes exempt 2 <none> False',
        'service-accounts workload-low 9000 ByUser False',
        'system-leader-election leader-election 100 ByUser False',
        'system-node-high node-high 400 ByUser False',
        'system-nodes system 500 ByUser False',
      ])
    await expect
      .poll(() => rows('prioritylevelconfigurations'))
      .toEqual([
        'catch-all Limited 5 <none> <none> <none>',
        'exempt Exempt <none> <none> <none> <none>',
        'global-default Limited 20 128 6 50',
        'leader-election Limited 10 16 4 50',
        'node-high Limited 40 64 6 50',
        'system Limited 30 64 6 50',
        'workload-high Limited 40 128 6 50',
        'workload-low Limited 100 128 6 50',
      ])
    expect(await metric('apiserver_flowcontrol_nominal_limit_seats{priority_level="workload-low"}')).toMatch(
      / 245$/,
    )
  })

  it('names flow schema and priority level in every answer', async () => {
    const uidOf = async (path: string): Promise<string> =>
      (await under.test.call('GET', `${api}/${path}`)).json.metadata.uid
    const flowOf = (reply: Reply) => [
      reply.headers['x-kubernetes-pf-flowschema-uid'],
      reply.headers['x-kubernetes-pf-prioritylevel-uid'],
    ]
    expect(flowOf(await under.test.call('GET', '/api/v1/pods'))).toEqual([
      await uidOf('flowschemas/exempt'),
      await uidOf('prioritylevelconfigurations/exempt'),
    ])
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    const node = as('system:node:n1', 'system:nodes')
    expect(flowOf(await under.test.call('GET', leases, { headers: node }))).toEqual([
      await uidOf('flowschemas/system-node-high'),
      await uidOf('prioritylevelconfigurations/node-high'),
    ])
    expect(flowOf(await under.test.call('GET', '/livez', { token: null }))[0]).toBe(
      await uidOf('flowschemas/probes'),
    )
  })

  it('goes by what is stored: a level that has no room refuses with 429', async () => {
    await under.test.call('POST', `${api}/prioritylevelconfigurations`, {
      body: {
        metadata: { name: 'tiny' },
        spec: {
          type: 'Limited',
          limited: {
            nominalConcurrencyShares: 0,
            borrowingLimitPercent: 0,
            limitResponse: { type: 'Reject' },
          },
        },
      },
    })
    await under.test.call('POST', `${api}/flowschemas`, {
      body: {
        metadata: { name: 'tiny' },
        spec: {
          priorityLevelConfiguration: { name: 'tiny' },
          matchingPrecedence: 50,
          rules: [
            {
              subjects: [{ kind: 'User', user: { name: 'eve' } }],
              resourceRules: [
                { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
              ],
            },
          ],
        },
      },
    })
    const headers = as('eve')
    const schema = (await under.test.call('GET', `${api}/flowschemas/tiny`)).json.metadata.uid
    const flow = async (): Promise<unknown> =>
      (await under.test.call('GET', '/api/v1/nodes', { headers })).headers['x-kubernetes-pf-flowschema-uid']
    await expect.poll(flow).toBe(schema)
    // One request is always let in, and this one is not over before its body is.
    const slow = httpsRequest({
      ...under.test.connection(),
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      headers: { ...headers, 'content-type': 'application/json' },
    })
    slow.write('{"metadata":')
    await expect
      .poll(() => metric('apiserver_flowcontrol_current_executing_requests{flow_schema="tiny"'))
      .toMatch(/ 1$/)
    const code = async (): Promise<number> =>
      (await under.test.call('GET', '/api/v1/nodes', { headers })).code
    await expect.poll(code).toBe(429)
    const refused = await under.test.call('GET', '/api/v1/nodes', { headers })
    expect(refused.raw.toString()).toBe('Too many requests, please try again later.\n')
    expect(refused.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    slow.end('{"name":"slow"}}')
    await once(slow, 'response')
    await expect.poll(code).toBe(200)
    expect(
      await metric(
        'apiserver_flowcontrol_rejected_requests_total{flow_schema="tiny",priority_level="tiny",reason="concurrency-limit"}',
      ),
    ).toMatch(/ [1-9]\d*$/)
    await under.test.call('DELETE', `${api}/prioritylevelconfigurations/tiny`)
    const dangling = async (): Promise<string> =>
      (await under.test.call('GET', `${api}/flowschemas/tiny`)).json.status.conditions[0].message
    await expect
      .poll(dangling)
      .toBe(
        'This FlowSchema references the PriorityLevelConfiguration object named "tiny" but there is no such object',
      )
  })

  it('does not let a flood stop leases, and nobody is turned away who can wait', async () => {
    const agent = new Agent({ keepAlive: true })
    // A level with few seats, whose users wait for them.
    await under.test.call('POST', `${api}/prioritylevelconfigurations`, {
      body: {
        metadata: { name: 'narrow' },
        spec: {
          type: 'Limited',
          limited: {
            nominalConcurrencyShares: 1,
            borrowingLimitPercent: 0,
            limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 1, queueLengthLimit: 50 } },
          },
        },
      },
    })
    const resourceRules = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
    ]
    await under.test.call('POST', `${api}/flowschemas`, {
      body: {
        metadata: { name: 'narrow' },
        spec: {
          priorityLevelConfiguration: { name: 'narrow' },
          matchingPrecedence: 50,
          distinguisherMethod: { type: 'ByUser' },
          rules: [{ subjects: [{ kind: 'Group', group: { name: 'narrow' } }], resourceRules }],
        },
      },
    })
    const uid = (await under.test.call('GET', `${api}/flowschemas/narrow`)).json.metadata.uid
    const read = (user: string) =>
      under.test.call('GET', '/api/v1/namespaces/default', { headers: as(user, 'narrow'), agent })
    await expect.poll(async () => (await read('bob')).headers['x-kubernetes-pf-flowschema-uid']).toBe(uid)
    const count = async (what: string): Promise<number> => {
      const found = await metric(`apiserver_flowcontrol_current_${what}_requests{flow_schema="narrow"`)
      return Number(found?.split(' ').at(-1) ?? 0)
    }

    // Requests of the flood on every seat that are not over before their bodies are; the others wait behind them.
    const seats = await metric('apiserver_flowcontrol_nominal_limit_seats{priority_level="narrow"}')
    const slow = Array.from({ length: Number(seats?.split(' ').at(-1)) }, () => {
      const request = httpsRequest({
        ...under.test.connection(),
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        headers: { ...as('flood', 'narrow'), 'content-type': 'application/json' },
      })
      request.write('{"metadata":')
      return request
    })
    await expect.poll(() => count('executing')).toBe(slow.length)
    const order: string[] = []
    const ask = async (user: string): Promise<void> => {
      expect((await read(user)).code).toBe(200)
      order.push(user)
    }
    const flood = Array.from({ length: 8 }, () => ask('flood'))
    await expect.poll(() => count('inqueue')).toBe(8)
    const bob = ask('bob')
    await expect.poll(() => count('inqueue')).toBe(9)

    // Another level has seats of its own.
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    const lease = await under.test.call('GET', leases, {
      headers: as('system:node:n1', 'system:nodes'),
      agent,
    })
    expect([lease.code, order]).toEqual([200, []])

    // In which order the others come is a matter of how long each takes: see the tests of the queues.
    const answers = slow.map((request) => once(request, 'response'))
    for (const [at, request] of slow.entries()) request.end(`"name":"slow-${at}"}}`)
    await Promise.all([bob, ...flood, ...answers])
    expect(order.toSorted()).toEqual(['bob', ...flood.map(() => 'flood')])
    agent.destroy()
  })
})
