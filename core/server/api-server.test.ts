import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { useApiServer } from './testing/use-api-server.ts'

describe('the API server over HTTPS', () => {
  const under = useApiServer()
  const { configMaps } = under

  it('says which version it is', async () => {
    expect((await under.call('GET', '/version')).json).toMatchObject({
      major: '1',
      minor: '36',
      emulationMajor: '1',
      emulationMinor: '36',
      minCompatibilityMajor: '1',
      minCompatibilityMinor: '35',
    })
  })

  it('knows who asks: certificate, token, nobody', async () => {
    expect((await under.call('GET', configMaps, { token: 'user-token' })).code).toBe(200)
    const wrong = await under.call('GET', '/healthz', { token: 'wrong' })
    expect([wrong.code, wrong.json['reason']]).toEqual([401, 'Unauthorized'])
    const anonymous = await under.call('GET', '/api/v1/namespaces/x/pods', { token: null })
    expect([anonymous.code, anonymous.json['message']]).toEqual([
      403,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "x"',
    ])
    expect((await under.call('GET', '/healthz', { token: null })).raw.toString()).toBe('ok')
  })

  it('lets masters impersonate and nobody else', async () => {
    const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'team' }
    expect((await under.call('GET', configMaps, { token: 'admin-token', headers })).code).toBe(200)
    const refused = await under.call('GET', configMaps, { token: 'user-token', headers })
    expect(refused.json['message']).toBe(
      'configmaps is forbidden: User "ada" cannot impersonate-on:user-info:list resource "configmaps" in API group "" in the namespace "default"',
    )
  })

  it('issues tokens that log in as the service account', async () => {
    const base = '/api/v1/namespaces/default/serviceaccounts'
    await under.call('POST', base, { body: { metadata: { name: 'web' } } })
    const { code, json } = await under.call('POST', `${base}/web/token`, {
      body: { spec: { expirationSeconds: 600 } },
    })
    expect([code, json['kind']]).toEqual([201, 'TokenRequest'])
    expect((await under.call('GET', configMaps, { token: json['status'].token })).code).toBe(200)
    const short = await under.call('POST', `${base}/web/token`, { body: { spec: { expirationSeconds: 10 } } })
    expect([short.code, short.json['reason']]).toEqual([422, 'Invalid'])
    await under.call('DELETE', `${base}/web`)
    expect((await under.call('GET', configMaps, { token: json['status'].token })).code).toBe(401)
  })

  it('serves discovery, plain and aggregated', async () => {
    expect((await under.call('GET', '/api')).json['versions']).toEqual(['v1'])
    const pods = (await under.call('GET', '/api/v1')).json['resources'].filter(
      ({ kind }: { kind: string }) => kind === 'Pod',
    )
    expect(pods.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['pods', 'pods/log', 'pods/status']),
    )
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const aggregated = await under.call('GET', '/apis', { headers: { accept } })
    expect(aggregated.headers['content-type']).toBe(accept)
    expect(aggregated.json['items'].map((item: KubeObject) => item.metadata.name)).toContain('apps')
    const etag = String(aggregated.headers['etag'])
    expect((await under.call('GET', '/apis', { headers: { accept, 'if-none-match': etag } })).code).toBe(304)
  })

  it('publishes OpenAPI documents whose references all resolve', async () => {
    const { paths } = JSON.parse((await under.call('GET', '/openapi/v3')).raw.toString()) as {
      paths: Record<string, { serverRelativeURL: string }>
    }
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1']))
    for (const { serverRelativeURL } of Object.values(paths)) {
      const document = await under.call('GET', serverRelativeURL)
      expect(document.headers['cache-control']).toContain('immutable')
      const { schemas = {} } = document.json['components']
      const references = [...JSON.stringify(document.json).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
      expect(references.filter(([, name]) => !schemas[name!])).toEqual([])
    }
    const { json } = await under.call('GET', paths['api/v1']!.serverRelativeURL)
    const patch = json['paths']['/api/v1/namespaces/{namespace}/pods/{name}'].patch
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: '', version: 'v1', kind: 'Pod' })
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain('fieldValidation')
    expect(json['components'].schemas['io.k8s.api.core.v1.Pod'].description).toMatch(/^Pod is a collection/)
  })

  it('publishes the same as Swagger 2.0, in JSON and in protobuf', async () => {
    const { json } = await under.call('GET', '/openapi/v2')
    const references = [...JSON.stringify(json).matchAll(/"#\/definitions\/([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(100)
    expect(references.filter(([, name]) => !json.definitions[name!])).toEqual([])
    const shared = [...JSON.stringify(json).matchAll(/"#\/parameters\/([^"]+)"/g)]
    expect(new Set(shared.map(([, name]) => name)).size).toBe(47)
    expect(shared.filter(([, name]) => !json.parameters[name!])).toEqual([])
    expect(json.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
      type: 'string',
      format: 'int-or-string',
    })
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    const encoded = await under.call('GET', '/openapi/v2', { headers: { accept } })
    // Field 1, a string of length 3.
    expect(encoded.raw.subarray(0, 5)).toEqual(Buffer.from('\n\u00032.0'))
    expect(encoded.raw.includes('io.k8s.api.apps.v1.Deployment')).toBe(true)
  })

  it('tells liveness from readiness', async () => {
    expect((await under.call('GET', '/livez')).code).toBe(200)
    const ready = await under.call('GET', '/readyz?verbose')
    expect(ready.code).toBe(500)
    expect(ready.raw.toString()).toBe(
      '[+]ping ok\n[+]log ok\n[-]informer-sync failed: reason withheld\nreadyz check failed\n',
    )
    expect((await under.call('GET', '/readyz?exclude=informer-sync')).raw.toString()).toBe('ok')
    const excluded = await under.call('GET', '/readyz?verbose&exclude=informer-sync&exclude=nope')
    expect(excluded.raw.toString()).toBe(
      '[+]ping ok\n[+]log ok\n[+]informer-sync excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n',
    )
    const one = await under.call('GET', '/readyz/informer-sync')
    expect([one.code, one.raw.toString()]).toEqual([
      500,
      expect.stringMatching(/^internal server error: .+\n$/),
    ])
    expect((await under.call('GET', '/readyz/ping')).raw.toString()).toBe('ok')
    const slis = (await under.call('GET', '/metrics/slis')).raw.toString()
    expect(slis).toContain('kubernetes_healthcheck{name="informer-sync",type="readyz"} 0\n')
    expect(slis).toMatch(/^kubernetes_healthchecks_total\{name="ping",status="success",type="readyz"\} \d+$/m)
  })

  it('counts requests for Prometheus', async () => {
    await under.call('GET', configMaps)
    const text = (await under.call('GET', '/metrics')).raw.toString()
    expect(text).toMatch(
      /^apiserver_request_total\{code="200",.*resource="configmaps",.*verb="LIST".*\} \d+$/m,
    )
    expect(text).toMatch(/^apiserver_request_duration_seconds_bucket\{.*le="\+Inf"\} \d+$/m)
    const count = /^apiserver_storage_objects\{resource="configmaps"\} (\d+)$/m.exec(text)?.[1]
    const { items } = (await under.call('GET', '/api/v1/configmaps')).json as { items: object[] }
    expect(Number(count)).toBe(items.length)
    expect(text).toContain('# HELP apiserver_request_total [STABLE] ')
    expect(text).toMatch(/^kubernetes_build_info\{.*git_version="v1\.36\..*\} 1$/m)
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
    expect(text).toMatch(/^apiserver_request_sli_duration_seconds_bucket\{.*le="0.05"\} \d+$/m)
    await under.call('POST', `${configMaps}?dryRun=All`, { body: { metadata: { name: 'counted' } } })
    expect((await under.call('GET', '/metrics')).raw.toString()).toMatch(
      /^apiserver_request_total\{code="201",component="apiserver",dry_run="All",group="",resource="configmaps",scope="resource",subresource="",verb="POST",version="v1"\} \d+$/m,
    )
  })

  it('serves processes of its own through the same rules without HTTP', async () => {
    const transport = under.server.localTransport({
      name: 'system:kube-scheduler',
      groups: ['system:masters'],
    })
    const resource = { group: '', version: 'v1', resource: 'configmaps' }
    const at = { resource, namespace: 'default', name: 'local' }
    const abort = new AbortController()
    const seen: string[] = []
    const { resourceVersion } = (await transport.call({ verb: 'list', resource })).metadata
    const watching = transport.watch(
      { resource, query: { resourceVersion: resourceVersion! }, signal: abort.signal },
      (events) => {
        seen.push(...events.map(({ type }) => type))
        if (seen.length === 3) abort.abort()
      },
    )
    const body = { metadata: { name: 'local' }, data: { a: '1', b: undefined } }
    const created = await transport.call({ ...at, verb: 'create', body })
    expect(created).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } })
    await transport.call({ ...at, verb: 'patch', patchType: 'merge', body: { data: { b: '2' } } })
    expect((await under.call('GET', `${configMaps}/local`)).json['data']).toEqual({ a: '1', b: '2' })
    await transport.call({ ...at, verb: 'delete' })
    await watching
    expect(seen).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    await expect(transport.call({ ...at, verb: 'get' })).rejects.toMatchObject({ code: 404 })
  })

  it('keeps an idle connection as long as upstream does', async () => {
    const agent = new Agent({ keepAlive: true })
    const { headers } = await under.call('GET', '/version', { agent })
    agent.destroy()
    expect(headers['keep-alive']).toBe('timeout=90')
  })

  it('takes a free port when the wanted one is in use', async () => {
    const second = await under.server.listen('127.0.0.1', under.port)
    expect(second.port).not.toBe(under.port)
    expect(under.server.addresses.map((address) => address.port)).toEqual([under.port, second.port])
  })

  it('gives a request no more time than it asks for, its body included', async () => {
    const bad = await under.call('GET', `${configMaps}?timeout=soon`)
    expect([bad.code, bad.json.message]).toEqual([
      400,
      'invalid timeout specified in the request URL - time: invalid duration "soon"',
    ])
    expect((await under.call('GET', `${configMaps}?timeout=30s`)).code).toBe(200)
    const slow = httpsRequest({
      ...under.test.connection(),
      method: 'POST',
      path: `${configMaps}?timeout=200ms`,
      headers: { 'content-type': 'application/json' },
    })
    slow.on('error', () => undefined)
    slow.write('{"metadata":')
    const [response] = (await once(slow, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
    expect(response.headers.connection).toBe('close')
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({
      kind: 'Status',
      reason: 'Timeout',
      code: 504,
      message: 'Timeout: request did not complete within the allotted timeout',
    })
  })

  it('names upgrades too, for the audit log', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'audit-id': 'mine' }
    const reply = await under.call('POST', '/api/v1/namespaces/default/pods/none/exec?command=ls', {
      headers,
    })
    expect([reply.code, reply.headers['audit-id']]).toEqual([404, 'mine'])
  })

  it('tells other origins nothing, and answers HEAD without a body', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' }
    const asked = await under.call('OPTIONS', configMaps, { headers })
    expect(asked.code).toBe(405)
    const got = await under.call('GET', configMaps, { headers })
    for (const reply of [asked, got]) {
      expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    const head = await under.call('HEAD', configMaps)
    // As upstream's routes, which have none for it.
    expect([head.code, head.raw.length]).toEqual([405, 0])
  })

  it('refuses a body over 3 MiB without reading it all', async () => {
    const reply = await under.call('POST', configMaps, { body: Buffer.alloc(3 * 1024 * 1024 + 1, 0x20) })
    expect([reply.code, reply.json['reason']]).toEqual([413, 'RequestEntityTooLarge'])
  })

  it('sends warnings about unknown fields as headers, and refuses them when strict', async () => {
    const body = { metadata: { name: 'warned' }, dada: {} }
    const warned = await under.call('POST', `${configMaps}?dryRun=All`, { body })
    expect([warned.code, warned.headers['warning']]).toEqual([201, '299 - "unknown field \\"dada\\""'])
    const strict = await under.call('POST', `${configMaps}?dryRun=All&fieldValidation=Strict`, { body })
    expect([strict.code, strict.json['message']]).toEqual([
      400,
      expect.stringContaining('unknown field "dada"'),
    ])
    expect((await under.call('GET', `${configMaps}/warned`)).code).toBe(404)
  })
})
