import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import type { KubeObject } from '../api/meta.ts'
import { followDefinitions } from '../kinds/apiextensions/follow-definitions.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { itemFormOf } from './responses/item-form.ts'
import { startTestServer, type Reply, type TestServer } from './testing/test-server.ts'

const configMaps = '/api/v1/namespaces/items/configmaps'
const managed = { kind: 'ConfigMap', apiVersion: 'v1' }

describe('items of lists', () => {
  let test: TestServer
  let call: TestServer['call']
  let objects: KubeObject[]

  beforeAll(async () => {
    test = await startTestServer()
    call = test.call
    await call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'items' } } })
    // In every order of keys that a client may send.
    const bodies = [
      { ...managed, metadata: { name: 'a', labels: { of: 'two' } }, data: { x: '1' } },
      {
        data: { x: '2' },
        metadata: { name: 'b', labels: { of: 'two' } },
        apiVersion: 'v1',
        kind: 'ConfigMap',
      },
      { metadata: { name: 'c' }, immutable: true },
    ]
    objects = []
    for (const body of bodies) objects.push((await call('POST', configMaps, { body })).json as KubeObject)
    expect(objects.map(({ kind, apiVersion }) => ({ kind, apiVersion }))).toEqual([managed, managed, managed])
  })
  afterAll(() => test.close())

  const bare = (...places: number[]): object[] =>
    places.map((place) => {
      const { kind: _kind, apiVersion: _apiVersion, ...rest } = objects[place]!
      return rest
    })
  const items = (reply: Reply): unknown[] => reply.json.items as unknown[]

  it('have no kind of their own, however they are asked for', async () => {
    const list = await call('GET', configMaps)
    expect(list.json).toEqual({
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.any(String) },
      items: bare(0, 1, 2),
    })
    expect(list.headers['content-length']).toBe(String(list.raw.length))
    for (const query of ['pretty=true', 'resourceVersion=0', 'limit=500']) {
      expect(items(await call('GET', `${configMaps}?${query}`)), query).toEqual(bare(0, 1, 2))
    }
    const exact = `resourceVersionMatch=Exact&resourceVersion=${objects[1]!.metadata.resourceVersion}`
    expect(items(await call('GET', `${configMaps}?${exact}`))).toEqual(bare(0, 1))
    expect(items(await call('GET', `${configMaps}?labelSelector=of%3Dtwo`))).toEqual(bare(0, 1))
    expect(items(await call('GET', `${configMaps}?fieldSelector=metadata.name%3Dc`))).toEqual(bare(2))
    const first = await call('GET', `${configMaps}?limit=1`)
    expect(items(first)).toEqual(bare(0))
    const next = encodeURIComponent(first.json.metadata.continue as string)
    expect(items(await call('GET', `${configMaps}?limit=2&continue=${next}`))).toEqual(bare(1, 2))
    expect(items(await call('GET', `${configMaps}?labelSelector=of%3Dnobody`))).toEqual([])
  })

  it('have none in YAML', async () => {
    const { raw } = await call('GET', configMaps, { headers: { accept: 'application/yaml' } })
    expect(parseYaml(raw.toString())).toMatchObject({ kind: 'ConfigMapList', items: bare(0, 1, 2) })
    expect(raw.toString()).not.toContain('kind: ConfigMap\n')
  })

  it('have none in large answers, compressed or not, nor in that of a deletion', async () => {
    const path = '/api/v1/namespaces/items/secrets'
    for (let index = 0; index < 40; index++) {
      const body = { metadata: { name: `s-${index}` }, stringData: { value: 'x'.repeat(9_000) } }
      expect((await call('POST', path, { body })).code).toBe(201)
    }
    const plain = await call('GET', path)
    expect(plain.headers['content-length']).toBe(String(plain.raw.length))
    expect(items(plain)).toHaveLength(40)
    for (const item of items(plain))
      expect(Object.keys(item as object).sort()).toEqual(['data', 'metadata', 'type'])
    for (const _ of [1, 2]) {
      const packed = await call('GET', path, { headers: { 'accept-encoding': 'gzip' } })
      expect(packed.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(packed.raw).equals(plain.raw)).toBe(true)
    }
    const deleted = await call('DELETE', path)
    expect(deleted.json).toMatchObject({ kind: 'SecretList', apiVersion: 'v1' })
    for (const item of items(deleted)) expect(item).not.toHaveProperty('kind')
  })

  it('have none in another version over the same objects', async () => {
    const path = '/apis/autoscaling/v2/namespaces/items/horizontalpodautoscalers'
    const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
    const body = { metadata: { name: 'web' }, spec: { scaleTargetRef, maxReplicas: 3 } }
    expect((await call('POST', path, { body })).code).toBe(201)
    for (const version of ['v1', 'v2']) {
      const list = await call('GET', path.replace('v2', version))
      expect(list.json.apiVersion).toBe(`autoscaling/${version}`)
      expect(Object.keys(items(list)[0] as object).sort()).toEqual(['metadata', 'spec', 'status'])
    }
  })

  it('have theirs where they are custom resources', async () => {
    const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' }
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const versions = [{ name: 'v1', served: true, storage: true, schema }]
    const body = {
      metadata: { name: 'things.example.com' },
      spec: { group: 'example.com', scope: 'Namespaced', names, versions },
    }
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const created = await call('POST', definitions, { body })
    const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }))
    const status = { conditions, acceptedNames: names, storedVersions: ['v1'] }
    const put = { body: { ...created.json, status } }
    expect((await call('PUT', `${definitions}/things.example.com/status`, put)).code).toBe(200)
    using _following = await followDefinitions({
      registry: test.registry,
      clock: systemClock,
      log: silentLogger,
    })
    const path = '/apis/example.com/v1/namespaces/items/things'
    const type = { kind: 'Thing', apiVersion: 'example.com/v1' }
    const thing = await call('POST', path, {
      body: { ...type, metadata: { name: 'a' }, spec: { z: 1, b: [] } },
    })
    expect(thing.code).toBe(201)
    // Upstream's unstructured objects are maps, whose keys are sorted; their lists always say where they go on.
    const text = thing.raw.toString().trimEnd()
    expect(text).toMatch(
      /^\{"apiVersion":"example.com\/v1","kind":"Thing","metadata":\{"creationTimestamp":.*,"spec":\{"b":\[\],"z":1\}\}$/,
    )
    const { resourceVersion } = thing.json['metadata']
    const list = `{"apiVersion":"example.com/v1","items":[${text}],"kind":"ThingList","metadata":{"continue":"","resourceVersion":"${resourceVersion}"}}\n`
    expect((await call('GET', path)).raw.toString()).toBe(list)
    const dryRun = await call('POST', `${path}?dryRun=All`, {
      body: { spec: {}, ...type, metadata: { name: 'b' } },
    })
    expect(dryRun.raw.toString()).toMatch(/^\{"apiVersion":"example.com\/v1","kind":"Thing","metadata":/)
    const watched = await call('GET', `${path}?watch=true&timeoutSeconds=1`)
    expect(watched.raw.toString()).toContain(`{"type":"ADDED","object":${text}}`)
    const partial = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }
    const { raw } = await call('GET', `${path}/a`, { headers: partial })
    expect(raw.toString()).toMatch(/"metadata":\{"name":"a","namespace":"items","uid":/)
    // Definitions themselves are a built-in kind.
    expect(items(await call('GET', definitions))[0]).not.toHaveProperty('kind')
  })

  it('have none where the stored bytes begin otherwise', () => {
    const definition = test.registry.resource('', 'v1', 'configmaps')!.definition
    const { open, bodyOf } = itemFormOf(definition)
    const bytes = Buffer.from(JSON.stringify({ data: { kind: 'x' }, ...managed, metadata: { name: 'old' } }))
    expect(JSON.parse(open + Buffer.from(bodyOf(bytes)).toString())).toEqual({
      data: { kind: 'x' },
      metadata: { name: 'old' },
    })
    expect(bodyOf(bytes)).toBe(bodyOf(bytes))
  })

  it.each(['v1', 'v1beta1'])(
    'have the version that is asked for as metadata and in rows: %s',
    async (version) => {
      const apiVersion = `meta.k8s.io/${version}`
      const get = async (path: string, shape: string, type = 'application/json'): Promise<Reply> =>
        call('GET', path, { headers: { accept: `${type};as=${shape};v=${version};g=meta.k8s.io` } })
      const partial = { kind: 'PartialObjectMetadata', apiVersion, metadata: { name: 'a' } }
      const list = (await get(`${configMaps}?limit=1`, 'PartialObjectMetadataList')).json
      expect(list).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion, items: [partial] })
      const table = { kind: 'Table', apiVersion, rows: [{ object: partial }] }
      expect((await get(`${configMaps}?limit=1`, 'Table')).json).toMatchObject(table)
      expect((await get(`${configMaps}/a`, 'PartialObjectMetadata')).json).toMatchObject(partial)
      expect((await get(`${configMaps}/a`, 'Table')).json).toMatchObject(table)
      const watch = `${configMaps}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Da`
      for (const [shape, object] of [
        ['PartialObjectMetadata', partial],
        ['Table', table],
      ] as const) {
        expect(JSON.parse((await get(watch, shape)).raw.toString())).toMatchObject({ type: 'ADDED', object })
      }
      const protobuf = 'application/vnd.kubernetes.protobuf'
      for (const [path, shape] of [
        [`${configMaps}/a`, 'PartialObjectMetadata'],
        [configMaps, 'PartialObjectMetadataList'],
      ] as const) {
        const { raw, headers } = await get(path, shape, protobuf)
        expect(headers['content-type']).toBe(protobuf)
        // In its envelope: the version, its length before it, and the kind after.
        expect(raw.toString('latin1')).toContain(`${String.fromCharCode(apiVersion.length)}${apiVersion}\x12`)
      }
    },
  )

  it('have theirs as metadata, in rows and in watches', async () => {
    const as = (shape: string): { headers: Record<string, string> } => ({
      headers: { accept: `application/json;as=${shape};v=v1;g=meta.k8s.io` },
    })
    const metadata = await call('GET', configMaps, as('PartialObjectMetadataList'))
    expect(items(metadata)[0]).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' })
    const rows = (await call('GET', `${configMaps}?includeObject=Object`, as('Table'))).json.rows as {
      object: KubeObject
    }[]
    expect(rows.map(({ object }) => object)).toEqual(objects)
    const watched = await call(
      'GET',
      `${configMaps}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Db`,
    )
    expect(JSON.parse(watched.raw.toString())).toEqual({ type: 'ADDED', object: objects[1] })
  })
})
