import { randomUUID } from 'node:crypto'
import { connect as connectH2, type ClientHttp2Session } from 'node:http2'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { useApiServer } from './testing/use-api-server.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

const strategic = 'application/strategic-merge-patch+json'

describe('the API server over HTTPS', () => {
  const under = useApiServer()
  const { configMaps, createConfigMap } = under

  it('creates, gets, updates, patches and deletes an object', async () => {
    const name = await createConfigMap()
    const path = `${configMaps}/${name}`
    const got = await under.call('GET', path)
    expect(got.json).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' } })
    const replaced = await under.call('PUT', path, { body: { ...got.json, data: { b: '2' } } })
    expect([replaced.code, replaced.json['data']]).toEqual([200, { b: '2' }])
    const stale = await under.call('PUT', path, { body: got.json })
    expect([stale.code, stale.json['reason']]).toEqual([409, 'Conflict'])
    for (const [type, body] of [
      ['application/json-patch+json', [{ op: 'add', path: '/data/c', value: '3' }]],
      ['application/merge-patch+json', { data: { d: '4' } }],
      [strategic, { data: { b: null } }],
    ] as const) {
      expect((await under.call('PATCH', path, { body, headers: { 'content-type': type } })).code).toBe(200)
    }
    expect((await under.call('GET', path)).json['data']).toEqual({ c: '3', d: '4' })
    const deleted = await under.call('DELETE', path)
    expect(deleted.json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name, kind: 'configmaps' },
    })
    const gone = await under.call('GET', path)
    expect([gone.code, gone.json['message']]).toEqual([404, `configmaps "${name}" not found`])
  })

  it('shows the scale of an object as a Table of its own', async () => {
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const spec = { replicas: 3, selector: { matchLabels: { app: 'a' } }, template }
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    await under.call('POST', deployments, { body: { metadata: { name: 'scaled' }, spec } })
    const { json } = await under.call('GET', `${deployments}/scaled/scale`, { headers: { accept: table } })
    expect(json.columnDefinitions.map(({ name, type }: Record<string, string>) => [name, type])).toEqual([
      ['Name', 'string'],
      ['Desired', 'integer'],
      ['Available', 'integer'],
      ['Age', 'string'],
    ])
    expect(json.rows[0].cells).toEqual(['scaled', 3, 0, expect.stringMatching(/^\d+s$/)])
  })

  it.each([
    ['/api/v1/serviceaccounts', 'Name:string Age:string', []],
    [
      '/api/v1/replicationcontrollers',
      'Name:string Desired:integer Current:integer Ready:integer Age:string',
      [],
    ],
    ['/apis/networking.k8s.io/v1/ipaddresses', 'Name:string ParentRef:string', []],
    ['/api/v1/limitranges', 'Name:string Created At:date', null],
    ['/apis/storage.k8s.io/v1/csistoragecapacities', 'Name:string Created At:date', null],
    ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', 'Name:string Created At:date', null],
  ])('has the columns of upstream for %s', async (path, columns, rows) => {
    const { json } = await under.call('GET', `${path}?labelSelector=none%3Dsuch`, {
      headers: { accept: table },
    })
    const shown = json.columnDefinitions.filter(({ priority }: { priority: number }) => priority === 0)
    expect(shown.map(({ name, type }: Record<string, string>) => `${name}:${type}`).join(' ')).toBe(columns)
    expect(json.rows).toEqual(rows)
  })

  it('takes names of budgets and events that are only path segments', async () => {
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    const body = { metadata: { name: 'Not_Valid.' }, spec: { minAvailable: 1 } }
    expect((await under.call('POST', `${budgets}?dryRun=All`, { body })).code).toBe(201)
  })

  it('ends JSON as a line, unless it is laid out for people', async () => {
    const path = '/api/v1/namespaces/default/configmaps'
    const made = await under.call('POST', path, { body: { metadata: { name: 'line' } } })
    const table1 = await under.call('GET', `${path}/line`, { headers: { accept: table } })
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const answers = [
      made,
      await under.call('GET', `${path}/line`),
      table1,
      await under.call('GET', path, { headers: { accept: table } }),
      await under.call('GET', path),
      await under.call('GET', '/apis', { headers: { accept: aggregated } }),
    ]
    expect(answers.map(({ raw }) => raw.toString().slice(-2))).toEqual(answers.map(() => '}\n'))
    const pretty = [await under.call('GET', `${path}/line?pretty=true`), await under.call('GET', '/')]
    expect(pretty.map(({ raw }) => raw.toString().slice(-2))).toEqual(['\n}', '\n}'])
  })

  it('answers a DELETE with the object where upstream does', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await under.call('POST', accounts, { body: { metadata: { name: 'goes' } } })
    const gone = await under.call('DELETE', `${accounts}/goes`)
    expect(gone.json).toMatchObject({ kind: 'ServiceAccount', metadata: { name: 'goes' } })
    expect((await under.call('GET', `${accounts}/goes`)).code).toBe(404)

    const containers = [{ name: 'c', image: 'i' }]
    const pods = '/api/v1/namespaces/default/pods'
    await under.call('POST', pods, {
      body: { metadata: { name: 'bound' }, spec: { nodeName: 'n', containers } },
    })
    const graceful = await under.call('DELETE', `${pods}/bound`)
    expect(graceful.code).toBe(200)
    expect(graceful.json).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 30 } })
    const killed = await under.call('DELETE', `${pods}/bound?gracePeriodSeconds=0`)
    expect(killed.json).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 0 } })
    expect((await under.call('GET', `${pods}/bound`)).code).toBe(404)
  })

  it('accepts a deletion that waits with 202 for clients that ask to delete dependents', async () => {
    const metadata = { name: 'held', finalizers: ['example.com/hold'] }
    await under.call('POST', configMaps, { body: { metadata } })
    const accepted = await under.call('DELETE', `${configMaps}/held`, { body: { orphanDependents: false } })
    expect([accepted.code, accepted.json.kind]).toEqual([202, 'ConfigMap'])
    const body = { metadata: { finalizers: null } }
    await under.call('PATCH', `${configMaps}/held`, {
      body,
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  })

  it('lists with labels, in pages, as a Table and as metadata only', async () => {
    const label = randomUUID()
    const names = (await Promise.all([1, 2, 3].map(() => createConfigMap({}, { label })))).sort()
    const query = `${configMaps}?labelSelector=label%3D${label}`
    const whole = await under.call('GET', query)
    expect(whole.json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(whole.json['items'].map((item: KubeObject) => item.metadata.name)).toEqual(names)
    const first = (await under.call('GET', `${query}&limit=2`)).json
    expect(first['items']).toHaveLength(2)
    const next = `${query}&limit=2&continue=${encodeURIComponent(first['metadata'].continue)}`
    expect(
      (await under.call('GET', next)).json['items'].map((item: KubeObject) => item.metadata.name),
    ).toEqual([names[2]])
    const rows = (await under.call('GET', query, { headers: { accept: `${table},application/json` } })).json
    expect(rows).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    expect(rows['columnDefinitions'][0]).toMatchObject({ name: 'Name', format: 'name' })
    expect(rows['rows'].map((row: { cells: string[] }) => row.cells[0])).toEqual(names)
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    const partial = (await under.call('GET', query, { headers: { accept } })).json
    expect(partial).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata' }, {}, {}],
    })
    expect((await under.call('DELETE', query)).json['items']).toHaveLength(3)
  })

  it('compresses large lists and keeps them whole', async () => {
    const label = randomUUID()
    const names = await Promise.all(
      Array.from({ length: 40 }, (_, n) => createConfigMap({ text: `${n}`.repeat(5000) }, { label })),
    )
    const query = `${configMaps}?labelSelector=label%3D${label}`
    const plain = await under.call('GET', query)
    const small = await under.call('GET', query, { headers: { 'accept-encoding': 'gzip' } })
    expect(small.headers['content-encoding']).toBe('gzip')
    expect(small.raw.length).toBeLessThan(plain.raw.length / 5)
    expect(small.json).toEqual(plain.json)
    expect(plain.json['items']).toHaveLength(names.length)
  })

  it.each(['h1', 'h2'] as const)('watches over %s, with an end on time', async (protocol) => {
    const label = randomUUID()
    const { resourceVersion } = (await under.call('GET', configMaps)).json['metadata']
    const path = `${configMaps}?watch=true&labelSelector=label%3D${label}&resourceVersion=${resourceVersion}&timeoutSeconds=1`
    const frames =
      protocol === 'h1' ? under.call('GET', path).then(({ raw }) => raw.toString()) : watchOverH2(path)
    const name = await createConfigMap({}, { label })
    await under.call('PATCH', `${configMaps}/${name}`, {
      body: { data: { x: 'y' } },
      headers: { 'content-type': strategic },
    })
    await under.call('DELETE', `${configMaps}/${name}`)
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
    const list = await under.call('GET', query, { headers: accept('PartialObjectMetadataList') })
    expect(list.json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name } }],
    })
    for (const as of ['PartialObjectMetadata', 'PartialObjectMetadataList']) {
      const watch = await under.call('GET', `${query}&watch=true&timeoutSeconds=1`, { headers: accept(as) })
      expect([watch.code, watch.headers['content-type']]).toEqual([200, 'application/json'])
      expect(JSON.parse(watch.raw.toString())).toMatchObject({
        type: 'ADDED',
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name } },
      })
      expect(watch.raw.toString()).not.toContain('hidden text')
    }
    const body = { metadata: { annotations: { a: 'b' } } }
    const headers = { ...accept('PartialObjectMetadata'), 'content-type': 'application/merge-patch+json' }
    const patched = await under.call('PATCH', `${configMaps}/${name}`, { body, headers })
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
    const list = await under.call('GET', configMaps, { headers: as('PartialObjectMetadata') })
    expect([list.code, list.json['reason'], list.json['message']]).toEqual([
      406,
      'NotAcceptable',
      'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    ])
    const one = await under.call('GET', `${configMaps}/${name}`, { headers: as('PartialObjectMetadataList') })
    expect([one.code, one.json['message']]).toEqual([
      406,
      'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
    ])
  })

  function watchOverH2(path: string): Promise<string> {
    const session: ClientHttp2Session = connectH2(`https://127.0.0.1:${under.port}`, {
      ca: under.pki.ca.certificate,
      cert: under.client.certificate,
      key: under.client.key,
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
    ['exec in no pod', 'POST', '/api/v1/namespaces/default/pods/x/exec', '', {}, 404],
    ['headers beyond measure', 'GET', '/version', undefined, { 'x-long': 'x'.repeat(70_000) }, 431],
  ])('answers %s with a Status', async (...row) => {
    const [, method, path, body, headers, code] = row
    const reply = await under.call(method, path, { body, headers: headers })
    expect(reply.code).toBe(code)
    expect(reply.headers['content-type']).toBe('application/json')
    expect(reply.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code })
    expect((await under.call('GET', '/healthz')).code).toBe(200)
  })
})
