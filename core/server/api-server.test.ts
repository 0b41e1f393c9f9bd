import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { connect as connectH2, type ClientHttp2Session } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import type { Pki } from '../auth/pki.ts'
import type { ApiServer } from './api-server.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const strategic = 'application/strategic-merge-patch+json'

describe('the API server over HTTPS', () => {
  let test: TestServer
  let server: ApiServer
  let pki: Pki
  let port: number
  let client: TestServer['client']
  let call: TestServer['call']

  beforeAll(async () => {
    test = await startTestServer(() => ({
      healthChecks: [
        {
          name: 'informer-sync',
          endpoints: ['readyz'],
          check: () => {
            throw new Error('not yet')
          },
        },
      ],
    }))
    ;({ server, pki, port, client, call } = test)
  })
  afterAll(() => test.close())

  const configMaps = '/api/v1/namespaces/default/configmaps'
  async function createConfigMap(data: Record<string, string> = { a: '1' }, labels = {}): Promise<string> {
    const name = `cm-${randomUUID().slice(0, 8)}`
    const { code } = await call('POST', configMaps, { body: { metadata: { name, labels }, data } })
    expect(code).toBe(201)
    return name
  }

  it('creates, gets, updates, patches and deletes an object', async () => {
    const name = await createConfigMap()
    const path = `${configMaps}/${name}`
    const got = await call('GET', path)
    expect(got.json).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' } })
    const replaced = await call('PUT', path, { body: { ...got.json, data: { b: '2' } } })
    expect([replaced.code, replaced.json['data']]).toEqual([200, { b: '2' }])
    const stale = await call('PUT', path, { body: got.json })
    expect([stale.code, stale.json['reason']]).toEqual([409, 'Conflict'])
    for (const [type, body] of [
      ['application/json-patch+json', [{ op: 'add', path: '/data/c', value: '3' }]],
      ['application/merge-patch+json', { data: { d: '4' } }],
      [strategic, { data: { b: null } }],
    ] as const) {
      expect((await call('PATCH', path, { body, headers: { 'content-type': type } })).code).toBe(200)
    }
    expect((await call('GET', path)).json['data']).toEqual({ c: '3', d: '4' })
    const deleted = await call('DELETE', path)
    expect(deleted.json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name, kind: 'configmaps' },
    })
    const gone = await call('GET', path)
    expect([gone.code, gone.json['message']]).toEqual([404, `configmaps "${name}" not found`])
  })

  it('says which version it is', async () => {
    expect((await call('GET', '/version')).json).toMatchObject({
      major: '1',
      minor: '36',
      emulationMajor: '1',
      emulationMinor: '36',
      minCompatibilityMajor: '1',
      minCompatibilityMinor: '35',
    })
  })

  it('shows the scale of an object as a Table of its own', async () => {
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const spec = { replicas: 3, selector: { matchLabels: { app: 'a' } }, template }
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    await call('POST', deployments, { body: { metadata: { name: 'scaled' }, spec } })
    const { json } = await call('GET', `${deployments}/scaled/scale`, { headers: { accept: table } })
    expect(json.columnDefinitions.map(({ name, type }: Record<string, string>) => [name, type])).toEqual([
      ['Name', 'string'],
      ['Desired', 'integer'],
      ['Available', 'integer'],
      ['Age', 'string'],
    ])
    expect(json.rows[0].cells).toEqual(['scaled', 3, 0, expect.stringMatching(/^\d+s$/)])
  })

  it('answers a DELETE with the object where upstream does', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await call('POST', accounts, { body: { metadata: { name: 'goes' } } })
    const gone = await call('DELETE', `${accounts}/goes`)
    expect(gone.json).toMatchObject({ kind: 'ServiceAccount', metadata: { name: 'goes' } })
    expect((await call('GET', `${accounts}/goes`)).code).toBe(404)

    const containers = [{ name: 'c', image: 'i' }]
    const pods = '/api/v1/namespaces/default/pods'
    await call('POST', pods, { body: { metadata: { name: 'bound' }, spec: { nodeName: 'n', containers } } })
    const graceful = await call('DELETE', `${pods}/bound`)
    expect(graceful.code).toBe(200)
    expect(graceful.json).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 30 } })
    const killed = await call('DELETE', `${pods}/bound?gracePeriodSeconds=0`)
    expect(killed.json).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 0 } })
    expect((await call('GET', `${pods}/bound`)).code).toBe(404)
  })

  it('accepts a deletion that waits with 202 for clients that ask to delete dependents', async () => {
    const metadata = { name: 'held', finalizers: ['example.com/hold'] }
    await call('POST', configMaps, { body: { metadata } })
    const accepted = await call('DELETE', `${configMaps}/held`, { body: { orphanDependents: false } })
    expect([accepted.code, accepted.json.kind]).toEqual([202, 'ConfigMap'])
    const body = { metadata: { finalizers: null } }
    await call('PATCH', `${configMaps}/held`, {
      body,
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  })

  it('lists with labels, in pages, as a Table and as metadata only', async () => {
    const label = randomUUID()
    const names = (await Promise.all([1, 2, 3].map(() => createConfigMap({}, { label })))).sort()
    const query = `${configMaps}?labelSelector=label%3D${label}`
    const whole = await call('GET', query)
    expect(whole.json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(whole.json['items'].map((item: KubeObject) => item.metadata.name)).toEqual(names)
    const first = (await call('GET', `${query}&limit=2`)).json
    expect(first['items']).toHaveLength(2)
    const next = `${query}&limit=2&continue=${encodeURIComponent(first['metadata'].continue)}`
    expect((await call('GET', next)).json['items'].map((item: KubeObject) => item.metadata.name)).toEqual([
      names[2],
    ])
    const rows = (await call('GET', query, { headers: { accept: `${table},application/json` } })).json
    expect(rows).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    expect(rows['columnDefinitions'][0]).toMatchObject({ name: 'Name', format: 'name' })
    expect(rows['rows'].map((row: { cells: string[] }) => row.cells[0])).toEqual(names)
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    const partial = (await call('GET', query, { headers: { accept } })).json
    expect(partial).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata' }, {}, {}],
    })
    expect((await call('DELETE', query)).json['items']).toHaveLength(3)
  })

  it('compresses large lists and keeps them whole', async () => {
    const label = randomUUID()
    const names = await Promise.all(
      Array.from({ length: 40 }, (_, n) => createConfigMap({ text: `${n}`.repeat(5000) }, { label })),
    )
    const query = `${configMaps}?labelSelector=label%3D${label}`
    const plain = await call('GET', query)
    const small = await call('GET', query, { headers: { 'accept-encoding': 'gzip' } })
    expect(small.headers['content-encoding']).toBe('gzip')
    expect(small.raw.length).toBeLessThan(plain.raw.length / 5)
    expect(small.json).toEqual(plain.json)
    expect(plain.json['items']).toHaveLength(names.length)
  })

  it.each(['h1', 'h2'] as const)('watches over %s, with an end on time', async (protocol) => {
    const label = randomUUID()
    const { resourceVersion } = (await call('GET', configMaps)).json['metadata']
    const path = `${configMaps}?watch=true&labelSelector=label%3D${label}&resourceVersion=${resourceVersion}&timeoutSeconds=1`
    const frames = protocol === 'h1' ? call('GET', path).then(({ raw }) => raw.toString()) : watchOverH2(path)
    const name = await createConfigMap({}, { label })
    await call('PATCH', `${configMaps}/${name}`, {
      body: { data: { x: 'y' } },
      headers: { 'content-type': strategic },
    })
    await call('DELETE', `${configMaps}/${name}`)
    const events = (await frames)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', name],
      ['MODIFIED', name],
      ['DELETED', name],
    ])
  })

  it('gives metadata clients what they ask for', async () => {
    const accept = (as: string): Record<string, string> => ({
      accept: `application/json;as=${as};g=meta.k8s.io;v=v1,application/json`,
    })
    const label = randomUUID()
    const name = await createConfigMap({ a: 'hidden text' }, { label })
    const query = `${configMaps}?labelSelector=label%3D${label}`
    const list = await call('GET', query, { headers: accept('PartialObjectMetadataList') })
    expect(list.json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name } }],
    })
    for (const as of ['PartialObjectMetadata', 'PartialObjectMetadataList']) {
      const watch = await call('GET', `${query}&watch=true&timeoutSeconds=1`, { headers: accept(as) })
      expect([watch.code, watch.headers['content-type']]).toEqual([200, 'application/json'])
      expect(JSON.parse(watch.raw.toString())).toMatchObject({
        type: 'ADDED',
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name } },
      })
      expect(watch.raw.toString()).not.toContain('hidden text')
    }
    const body = { metadata: { annotations: { a: 'b' } } }
    const headers = { ...accept('PartialObjectMetadata'), 'content-type': 'application/merge-patch+json' }
    const patched = await call('PATCH', `${configMaps}/${name}`, { body, headers })
    expect(patched.json).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { annotations: { a: 'b' } },
    })
  })

  it('refuses metadata in the wrong shape', async () => {
    const as = (kind: string): Record<string, string> => ({
      accept: `application/json;as=${kind};g=meta.k8s.io;v=v1`,
    })
    const name = await createConfigMap()
    const list = await call('GET', configMaps, { headers: as('PartialObjectMetadata') })
    expect([list.code, list.json['reason'], list.json['message']]).toEqual([
      406,
      'NotAcceptable',
      'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    ])
    const one = await call('GET', `${configMaps}/${name}`, { headers: as('PartialObjectMetadataList') })
    expect([one.code, one.json['message']]).toEqual([
      406,
      'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
    ])
  })

  function watchOverH2(path: string): Promise<string> {
    const session: ClientHttp2Session = connectH2(`https://127.0.0.1:${port}`, {
      ca: pki.ca.certificate,
      cert: client.certificate,
      key: client.key,
    })
    return new Promise((resolve, reject) => {
      let text = ''
      const stream = session.request({ ':path': path })
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (text += chunk))
      stream.on('error', reject)
      stream.on('end', () => {
        session.close()
        resolve(text)
      })
    })
  }

  it('knows who asks: certificate, token, nobody', async () => {
    expect((await call('GET', configMaps, { token: 'user-token' })).code).toBe(200)
    const wrong = await call('GET', '/healthz', { token: 'wrong' })
    expect([wrong.code, wrong.json['reason']]).toEqual([401, 'Unauthorized'])
    const anonymous = await call('GET', '/api/v1/namespaces/x/pods', { token: null })
    expect([anonymous.code, anonymous.json['message']]).toEqual([
      403,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "x"',
    ])
    expect((await call('GET', '/healthz', { token: null })).raw.toString()).toBe('ok')
  })

  it('lets masters impersonate and nobody else', async () => {
    const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'team' }
    expect((await call('GET', configMaps, { token: 'admin-token', headers })).code).toBe(200)
    const refused = await call('GET', configMaps, { token: 'user-token', headers })
    expect(refused.json['message']).toBe(
      'users "bob" is forbidden: User "ada" cannot impersonate resource "users" in API group "" at the cluster scope',
    )
  })

  it('issues tokens that log in as the service account', async () => {
    const base = '/api/v1/namespaces/default/serviceaccounts'
    await call('POST', base, { body: { metadata: { name: 'web' } } })
    const { code, json } = await call('POST', `${base}/web/token`, {
      body: { spec: { expirationSeconds: 600 } },
    })
    expect([code, json['kind']]).toEqual([201, 'TokenRequest'])
    expect((await call('GET', configMaps, { token: json['status'].token })).code).toBe(200)
    const short = await call('POST', `${base}/web/token`, { body: { spec: { expirationSeconds: 10 } } })
    expect([short.code, short.json['reason']]).toEqual([422, 'Invalid'])
    await call('DELETE', `${base}/web`)
    expect((await call('GET', configMaps, { token: json['status'].token })).code).toBe(401)
  })

  it('serves discovery, plain and aggregated', async () => {
    expect((await call('GET', '/api')).json['versions']).toEqual(['v1'])
    const pods = (await call('GET', '/api/v1')).json['resources'].filter(
      ({ kind }: { kind: string }) => kind === 'Pod',
    )
    expect(pods.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['pods', 'pods/log', 'pods/status']),
    )
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const aggregated = await call('GET', '/apis', { headers: { accept } })
    expect(aggregated.headers['content-type']).toBe(accept)
    expect(aggregated.json['items'].map((item: KubeObject) => item.metadata.name)).toContain('apps')
    const etag = String(aggregated.headers['etag'])
    expect((await call('GET', '/apis', { headers: { accept, 'if-none-match': etag } })).code).toBe(304)
  })

  it('publishes OpenAPI documents whose references all resolve', async () => {
    const { paths } = (await call('GET', '/openapi/v3')).json as {
      paths: Record<string, { serverRelativeURL: string }>
    }
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1']))
    for (const { serverRelativeURL } of Object.values(paths)) {
      const document = await call('GET', serverRelativeURL)
      expect(document.headers['cache-control']).toContain('immutable')
      const { schemas } = document.json['components']
      const references = [...JSON.stringify(document.json).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
      expect(references.filter(([, name]) => !schemas[name!])).toEqual([])
    }
    const { json } = await call('GET', paths['api/v1']!.serverRelativeURL)
    const patch = json['paths']['/api/v1/namespaces/{namespace}/pods/{name}'].patch
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: '', version: 'v1', kind: 'Pod' })
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain('fieldValidation')
    expect(json['components'].schemas['io.k8s.api.core.v1.Pod'].description).toMatch(/^Pod is a collection/)
  })

  it('publishes the same as Swagger 2.0, in JSON and in protobuf', async () => {
    const { json } = await call('GET', '/openapi/v2')
    const references = [...JSON.stringify(json).matchAll(/"#\/definitions\/([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(100)
    expect(references.filter(([, name]) => !json.definitions[name!])).toEqual([])
    expect(json.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
      type: 'string',
      format: 'int-or-string',
    })
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    const encoded = await call('GET', '/openapi/v2', { headers: { accept } })
    // Field 1, a string of length 3.
    expect(encoded.raw.subarray(0, 5)).toEqual(Buffer.from('\n\u00032.0'))
    expect(encoded.raw.includes('io.k8s.api.apps.v1.Deployment')).toBe(true)
  })

  it('tells liveness from readiness', async () => {
    expect((await call('GET', '/livez')).code).toBe(200)
    const ready = await call('GET', '/readyz?verbose')
    expect(ready.code).toBe(500)
    expect(ready.raw.toString()).toBe(
      '[+]ping ok\n[-]informer-sync failed: reason withheld\nreadyz check failed\n',
    )
    expect((await call('GET', '/readyz?exclude=informer-sync')).raw.toString()).toBe('ok')
    const excluded = await call('GET', '/readyz?verbose&exclude=informer-sync&exclude=nope')
    expect(excluded.raw.toString()).toBe(
      '[+]ping ok\n[+]informer-sync excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n',
    )
    const one = await call('GET', '/readyz/informer-sync')
    expect([one.code, one.raw.toString()]).toEqual([
      500,
      expect.stringMatching(/^internal server error: .+\n$/),
    ])
    expect((await call('GET', '/readyz/ping')).raw.toString()).toBe('ok')
    const slis = (await call('GET', '/metrics/slis')).raw.toString()
    expect(slis).toContain('kubernetes_healthcheck{name="informer-sync",type="readyz"} 0\n')
    expect(slis).toMatch(/^kubernetes_healthchecks_total\{name="ping",status="success",type="readyz"\} \d+$/m)
  })

  it('counts requests for Prometheus', async () => {
    await call('GET', configMaps)
    const text = (await call('GET', '/metrics')).raw.toString()
    expect(text).toMatch(
      /^apiserver_request_total\{code="200",.*resource="configmaps",.*verb="LIST".*\} \d+$/m,
    )
    expect(text).toMatch(/^apiserver_request_duration_seconds_bucket\{.*le="\+Inf"\} \d+$/m)
    const count = /^apiserver_storage_objects\{resource="configmaps"\} (\d+)$/m.exec(text)?.[1]
    const { items } = (await call('GET', '/api/v1/configmaps')).json as { items: object[] }
    expect(Number(count)).toBe(items.length)
    expect(text).toContain('# HELP apiserver_request_total [STABLE] Counter of apiserver requests')
    expect(text).toMatch(/^kubernetes_build_info\{.*git_version="v1\.36\..*\} 1$/m)
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
    expect(text).toMatch(/^apiserver_request_sli_duration_seconds_bucket\{.*le="0.05"\} \d+$/m)
    await call('POST', `${configMaps}?dryRun=All`, { body: { metadata: { name: 'counted' } } })
    expect((await call('GET', '/metrics')).raw.toString()).toMatch(
      /^apiserver_request_total\{code="201",component="apiserver",dry_run="All",group="",resource="configmaps",scope="resource",subresource="",verb="POST",version="v1"\} \d+$/m,
    )
  })

  it('sends warnings about unknown fields as headers, and refuses them when strict', async () => {
    const body = { metadata: { name: 'warned' }, dada: {} }
    const warned = await call('POST', `${configMaps}?dryRun=All`, { body })
    expect([warned.code, warned.headers['warning']]).toEqual([201, '299 - "unknown field \\"dada\\""'])
    const strict = await call('POST', `${configMaps}?dryRun=All&fieldValidation=Strict`, { body })
    expect([strict.code, strict.json['message']]).toEqual([
      400,
      expect.stringContaining('unknown field "dada"'),
    ])
    expect((await call('GET', `${configMaps}/warned`)).code).toBe(404)
  })

  it('serves processes of its own through the same rules without HTTP', async () => {
    const transport = server.localTransport({ name: 'system:kube-scheduler', groups: ['system:masters'] })
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
    expect((await call('GET', `${configMaps}/local`)).json['data']).toEqual({ a: '1', b: '2' })
    await transport.call({ ...at, verb: 'delete' })
    await watching
    expect(seen).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    await expect(transport.call({ ...at, verb: 'get' })).rejects.toMatchObject({ code: 404 })
  })

  it('keeps an idle connection as long as upstream does', async () => {
    const agent = new Agent({ keepAlive: true })
    const { headers } = await call('GET', '/version', { agent })
    agent.destroy()
    expect(headers['keep-alive']).toBe('timeout=90')
  })

  it('takes a free port when the wanted one is in use', async () => {
    const second = await server.listen('127.0.0.1', port)
    expect(second.port).not.toBe(port)
    expect(server.addresses.map((address) => address.port)).toEqual([port, second.port])
  })

  it.each([
    ['malformed JSON', 'POST', configMaps, '{"a":', {}, 400],
    ['deep nesting', 'POST', configMaps, '['.repeat(50_000), {}, 400],
    ['a __proto__ key', 'POST', configMaps, '{"metadata":{"name":"x"},"__proto__":{"a":1}}', {}, 400],
    ['a body that is no object', 'POST', configMaps, '[1]', {}, 400],
    ['an empty body', 'POST', configMaps, '', {}, 400],
    ['an unknown media type', 'POST', configMaps, 'x', { 'content-type': 'text/html' }, 415],
    ['an unknown patch type', 'PATCH', `${configMaps}/x`, '{}', { 'content-type': 'application/json' }, 415],
    ['an answer type it cannot give', 'GET', configMaps, undefined, { accept: 'application/cbor' }, 406],
    ['a path that climbs', 'GET', '/api/v1/namespaces/%2e%2e/pods', undefined, {}, 400],
    ['a bad escape', 'GET', '/api/v1/%zz', undefined, {}, 400],
    ['an unknown resource', 'GET', '/api/v1/unicorns', undefined, {}, 404],
    ['a method it does not have', 'POST', '/version', '{}', {}, 405],
    ['a bad number', 'GET', `${configMaps}?limit=many`, undefined, {}, 400],
    ['a bad selector', 'GET', `${configMaps}?labelSelector=a%20b`, undefined, {}, 400],
    ['an unknown dry run', 'POST', `${configMaps}?dryRun=Some`, '{}', {}, 422],
    [
      'apply without a manager',
      'PATCH',
      `${configMaps}/x`,
      '{}',
      { 'content-type': 'application/apply-patch+yaml' },
      422,
    ],
    ['exec without an upgrade', 'POST', '/api/v1/namespaces/default/pods/x/exec', '', {}, 400],
    ['headers beyond measure', 'GET', '/version', undefined, { 'x-long': 'x'.repeat(70_000) }, 431],
  ])('answers %s with a Status', async (...row) => {
    const [, method, path, body, headers, code] = row
    const reply = await call(method, path, { body, headers: headers })
    expect(reply.code).toBe(code)
    expect(reply.headers['content-type']).toBe('application/json')
    expect(reply.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code })
    expect((await call('GET', '/healthz')).code).toBe(200)
  })

  it('gives a request no more time than it asks for, its body included', async () => {
    const bad = await call('GET', `${configMaps}?timeout=soon`)
    expect([bad.code, bad.json.message]).toEqual([
      400,
      'invalid timeout specified in the request URL - time: invalid duration "soon"',
    ])
    expect((await call('GET', `${configMaps}?timeout=30s`)).code).toBe(200)
    const slow = httpsRequest({
      ...test.connection(),
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
    const reply = await call('POST', '/api/v1/namespaces/default/pods/none/exec?command=ls', { headers })
    expect([reply.code, reply.headers['audit-id']]).toEqual([404, 'mine'])
  })

  it('tells other origins nothing, and answers HEAD without a body', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' }
    const asked = await call('OPTIONS', configMaps, { headers })
    expect(asked.code).toBe(405)
    const got = await call('GET', configMaps, { headers })
    for (const reply of [asked, got]) {
      expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    const head = await call('HEAD', configMaps)
    // As upstream's routes, which have none for it.
    expect([head.code, head.raw.length]).toEqual([405, 0])
  })

  it('refuses a body over 3 MiB without reading it all', async () => {
    const reply = await call('POST', configMaps, { body: Buffer.alloc(3 * 1024 * 1024 + 1, 0x20) })
    expect([reply.code, reply.json['reason']]).toEqual([413, 'RequestEntityTooLarge'])
  })
})
