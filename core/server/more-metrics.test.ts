import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices'

describe('metrics that alerts and dashboards of Kubernetes go by', () => {
  let test: TestServer
  let lines: string[] = []
  beforeAll(async () => {
    const policy = { omitStages: [], omitManagedFields: false, rules: [{ level: 'Metadata' as const }] }
    test = await startTestServer(() => ({ audit: { policy, write: (line) => lines.push(line) } }))
  })
  afterAll(() => test.close())

  async function valueOf(series: string): Promise<number | undefined> {
    const text = (await test.call('GET', '/metrics')).raw.toString()
    const line = text.split('\n').find((one) => one.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }

  it('count who logs in, and how', async () => {
    const [failures, others] = [
      'authentication_attempts{result="failure"}',
      'authenticated_user_requests{username="other"}',
    ]
    const before = [(await valueOf(failures)) ?? 0, (await valueOf(others)) ?? 0]
    expect((await test.call('GET', '/api', { token: 'nonsense' })).code).toBe(401)
    expect((await test.call('GET', '/api', { token: 'user-token' })).code).toBe(200)
    expect([await valueOf(failures), await valueOf(others)]).toEqual([before[0]! + 1, before[1]! + 1])
    // Each scrape comes with a certificate that is good for a year at most.
    const prefix = 'apiserver_client_certificate_expiration_seconds'
    expect(await valueOf(`${prefix}_bucket{le="3600"}`)).toBe(0)
    expect(await valueOf(`${prefix}_count`)).toBeGreaterThan(0)
  })

  it('tell which APIServices cannot be used', async () => {
    await test.call('POST', apiServices, {
      body: {
        metadata: { name: 'v1.gone.example.com' },
        spec: {
          group: 'gone.example.com',
          version: 'v1',
          groupPriorityMinimum: 2000,
          versionPriority: 10,
          service: { namespace: 'default', name: 'gone' },
        },
      },
    })
    const series = 'aggregator_unavailable_apiservice{name="v1.gone.example.com"}'
    expect(await valueOf(series)).toBe(1)
    await test.call('PATCH', `${apiServices}/v1.gone.example.com/status`, {
      body: { status: { conditions: [{ type: 'Available', status: 'True' }] } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    expect(await valueOf(series)).toBe(0)
  })

  it.runIf(process.platform === 'linux')(
    'tell what the process may take, and what its network brought',
    async () => {
      const received = 'process_network_receive_bytes_total'
      const before = await valueOf(received)
      await test.call('GET', '/api')
      expect(await valueOf(received)).toBeGreaterThan(before!)
      expect(await valueOf('process_network_transmit_bytes_total')).toBeGreaterThan(0)
      expect(await valueOf('process_max_fds')).toBeGreaterThan((await valueOf('process_open_fds'))!)
      const most = (await valueOf('process_virtual_memory_max_bytes'))!
      expect(most).toBeGreaterThanOrEqual((await valueOf('process_virtual_memory_bytes'))!)
    },
  )

  it('tell which deprecated APIs were asked for', async () => {
    lines = []
    const series = (group: string, resource: string): string =>
      `apiserver_requested_deprecated_apis{group="${group}",removed_release="",resource="${resource}",subresource="",version="v1"}`
    expect(await valueOf(series('', 'endpoints'))).toBeUndefined()
    await test.call('GET', '/api/v1/namespaces/default/endpoints')
    await test.call('GET', '/api/v1/namespaces/default/configmaps')
    expect(await valueOf(series('', 'endpoints'))).toBe(1)
    await expect.poll(() => lines.some((line) => line.includes('"k8s.io/deprecated":"true"'))).toBe(true)
    expect(await valueOf(series('', 'configmaps'))).toBeUndefined()
    await test.call('GET', '/api/v1/endpoints')
    expect(await valueOf(series('', 'endpoints'))).toBe(1)
  })

  it('count what is audited', async () => {
    const before = (await valueOf('apiserver_audit_event_total')) ?? 0
    lines = []
    await test.call('GET', '/api')
    await expect.poll(() => valueOf('apiserver_audit_event_total')).toBeGreaterThanOrEqual(before + 2)
    expect(lines.length).toBeGreaterThanOrEqual(2)
  })

  it('tell how long logging in and looking up access took, and what bodies brought', async () => {
    const series = [
      'authentication_duration_seconds_count{result="success"}',
      'authorization_attempts_total{result="allowed"}',
      'authorization_duration_seconds_count{result="allowed"}',
      'apiserver_request_filter_duration_seconds_count{filter="authentication"}',
      'apiserver_request_filter_duration_seconds_count{filter="authorization"}',
      'field_validation_request_duration_seconds_count{field_validation="Strict"}',
      'apiserver_request_body_size_bytes_count{group="",resource="configmaps",verb="create"}',
    ]
    const before = await Promise.all(series.map(valueOf))
    const path = '/api/v1/namespaces/default/configmaps?fieldValidation=Strict'
    await test.call('POST', path, { body: { metadata: { name: 'measured' } } })
    const after = await Promise.all(series.map(valueOf))
    for (const [at, one] of series.entries()) {
      expect(after[at], one).toBeGreaterThan(before[at] ?? 0)
    }
  })

  it('count what parts of the process ask of the server, and connections without TLS', async () => {
    const selfRequests = 'apiserver_selfrequest_total{group="",resource="pods",subresource="",verb="LIST"}'
    const before = (await valueOf(selfRequests)) ?? 0
    const local = test.server.localTransport({ name: 'system:apiserver', groups: ['system:masters'] })
    await local.call({ verb: 'list', resource: resources.pods })
    expect(await valueOf(selfRequests)).toBe(before + 1)
    const { host, port } = test.server.addresses[0]!
    const socket = connect(port, host, () => socket.write('GET / HTTP/1.1\r\n\r\n'))
    socket.on('error', () => undefined)
    await expect.poll(() => valueOf('apiserver_tls_handshake_errors_total')).toBeGreaterThan(0)
    socket.destroy()
  })
})
