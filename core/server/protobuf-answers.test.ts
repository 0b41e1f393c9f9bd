import { randomUUID } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { builtInKinds } from '../kinds/index.ts'
import { metricsKinds } from '../kinds/metrics/index.ts'
import { createRegistry } from '../registry/create-registry.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { startTestServer, type Reply } from './testing/test-server.ts'
import { configMaps, decode, framesOf, protobuf, useProtobufAnswers } from './testing/use-protobuf-answers.ts'

const pods = '/api/v1/namespaces/default/pods'

/** The header of a metadata client of client-go. */
function metadataAccept(as: string): Record<string, string> {
  const types = [protobuf, 'application/json'].map((type) => `${type};as=${as};g=meta.k8s.io;v=v1`)
  return { accept: [...types, 'application/json'].join(',') }
}

describe('answers in protobuf', () => {
  const under = useProtobufAnswers()
  const { call, read, createConfigMap } = under

  it('carry what JSON carries, of every verb', async () => {
    const body = {
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'main', image: 'nginx', resources: { limits: { cpu: '500m' } } }] },
    }
    const created = await call('POST', pods, { body })
    expect([created.code, read(created).kind]).toEqual([201, 'Pod'])
    const json = async (): Promise<unknown> => (await under.test.call('GET', `${pods}/web`)).json
    expect(read(await call('GET', `${pods}/web`))).toEqual(await json())
    const patch = { metadata: { labels: { é: 'ö' } } }
    const headers = { 'content-type': 'application/merge-patch+json' }
    expect((await call('PATCH', `${pods}/web`, { body: patch, headers })).code).toBe(422)
    const labels = { metadata: { labels: { a: 'b' } } }
    expect(read(await call('PATCH', `${pods}/web`, { body: labels, headers }))).toEqual(await json())
    const status = { status: { phase: 'Running', startTime: '2026-01-02T03:04:05Z' } }
    expect(read(await call('PATCH', `${pods}/web/status`, { body: status, headers }))).toEqual(await json())
    const { metadata, items, kind } = read(await call('GET', pods))
    expect([kind, metadata.resourceVersion]).toEqual(['PodList', expect.stringMatching(/^\d+$/)])
    const { apiVersion: _apiVersion, kind: _kind, ...item } = (await json()) as KubeObject
    expect(items).toEqual([item])
    const gone = read(await call('DELETE', `${pods}/web?gracePeriodSeconds=0`))
    expect(gone).toMatchObject({ kind: 'Pod', metadata: { name: 'web' } })
    const name = await createConfigMap()
    const deleted = read(await call('DELETE', `${configMaps}/${name}`))
    expect(deleted).toMatchObject({ kind: 'Status', status: 'Success', details: { name } })
  })

  it('are failures too', async () => {
    const missing = await call('GET', `${configMaps}/nobody`)
    expect(missing.code).toBe(404)
    expect(read(missing)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      message: 'configmaps "nobody" not found',
      reason: 'NotFound',
      code: 404,
    })
    const refused = await call('POST', configMaps, { body: { metadata: { name: 'A' } } })
    expect(read(refused)).toMatchObject({
      code: 422,
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }] },
    })
    expect(read(await call('GET', configMaps, { token: 'nobody' }))).toMatchObject({ code: 401 })
    expect(read(await call('DELETE', `${configMaps}/x`, { token: 'user-token' }))).toMatchObject({
      code: 403,
    })
  })

  it('list a collection, in pieces and compressed', async () => {
    const label = randomUUID()
    const path = `/api/v1/namespaces/default/secrets?labelSelector=label%3D${label}`
    const values = Array.from({ length: 40 }, (_, index) => randomUUID().repeat((index * 37) % 400))
    // One item is larger than what an answer is put together in.
    values[20] = randomUUID().repeat(6000)
    for (const [index, value] of values.entries()) {
      const data = { value: Buffer.from(value).toString('base64') }
      const body = {
        metadata: { name: `${label}-${String(index).padStart(2, '0')}`, labels: { label } },
        data,
      }
      expect((await under.test.call('POST', '/api/v1/namespaces/default/secrets', { body })).code).toBe(201)
    }
    const json = (await under.test.call('GET', path)).json
    const plain = await call('GET', path)
    const { items, metadata } = read(plain) as unknown as { items: KubeObject[]; metadata: object }
    expect(metadata).toEqual(json.metadata)
    expect(items).toEqual(
      (json.items as KubeObject[]).map(({ apiVersion: _apiVersion, kind: _kind, ...item }) => item),
    )
    expect(plain.headers['content-length']).toBe(String(plain.raw.length))
    const packed = await call('GET', path, { headers: { 'accept-encoding': 'gzip' } })
    expect([packed.headers['content-encoding'], packed.headers['vary']]).toEqual(['gzip', 'Accept-Encoding'])
    expect(gunzipSync(packed.raw).equals(plain.raw)).toBe(true)
    const page = read(await call('GET', `${path}&limit=3`)) as unknown as { items: object[] }
    expect(page.items).toHaveLength(3)
    expect(page).toMatchObject({ metadata: { continue: expect.any(String) } })
    const deleted = read(await call('DELETE', path)) as unknown as { items: object[]; kind: string }
    expect([deleted.kind, deleted.items.length]).toEqual(['SecretList', 40])
  })

  it('are watched, with initial events, bookmarks and failures', async () => {
    const label = randomUUID()
    const selector = `watch=true&labelSelector=label%3D${label}&timeoutSeconds=1`
    const first = await createConfigMap({ label })
    const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const watching = call('GET', `${configMaps}?${selector}&${initial}`)
    const whole = await watching
    expect([whole.code, whole.headers['content-type']]).toEqual([200, `${protobuf};stream=watch`])
    const [added, bookmark] = framesOf(whole.raw)
    const stored = (await under.test.call('GET', `${configMaps}/${first}`)).json
    expect(added).toEqual({ type: 'ADDED', object: stored })
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })

    const from = stored.metadata.resourceVersion as string
    const second = await createConfigMap({ label })
    await under.test.call('DELETE', `${configMaps}/${second}`)
    // Two watchers at once share their frames.
    const both = [1, 2].map(() => call('GET', `${configMaps}?${selector}&resourceVersion=${from}`))
    for (const reply of await Promise.all(both)) {
      expect(framesOf(reply.raw).map(({ type, object }) => [type, object.metadata.name])).toEqual([
        ['ADDED', second],
        ['DELETED', second],
      ])
    }
    const yaml = await under.test.call('GET', `${configMaps}?${selector}`, {
      headers: { accept: 'application/yaml, text/html' },
    })
    expect(yaml.code).toBe(406)
    expect(yaml.raw.toString()).toContain(
      `only the following media types are accepted: application/json;stream=watch, ${protobuf};stream=watch`,
    )
  })

  it('tell of a revision that is gone inside the watch', async () => {
    const store = createMemoryStore()
    const options = { store, kinds: builtInKinds, admission: [], clock: systemClock, log: silentLogger }
    const forgetful = await startTestServer(() => ({ registry: createRegistry(options) }))
    try {
      const body = { metadata: { name: 'new' } }
      const { json } = await forgetful.call('POST', configMaps, { body })
      await store.compact(Number(json.metadata.resourceVersion))
      const path = `${configMaps}?watch=true&resourceVersion=1&timeoutSeconds=1`
      const reply = await forgetful.call('GET', path, { headers: { accept: protobuf } })
      expect([reply.code, reply.headers['content-type']]).toEqual([200, `${protobuf};stream=watch`])
      expect(framesOf(reply.raw)).toMatchObject([
        { type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } },
      ])
    } finally {
      await forgetful.close()
    }
  })

  it('carry metadata alone, as metadata clients of client-go ask, of custom resources too', async () => {
    const cats = '/apis/pets.example.com/v1/namespaces/default/cats'
    const label = randomUUID()
    const type = { apiVersion: 'pets.example.com/v1', kind: 'Cat' }
    const body = { ...type, metadata: { name: 'tom', labels: { label } }, data: { hidden: 'text' } }
    expect((await under.test.call('POST', cats, { body })).code).toBe(201)
    await createConfigMap({ label })
    for (const collection of [configMaps, cats]) {
      const path = `${collection}?labelSelector=label%3D${label}`
      const { metadata } = (await under.test.call('GET', path)).json.items[0] as KubeObject
      const list = read(await call('GET', path, { headers: metadataAccept('PartialObjectMetadataList') }))
      expect([list.apiVersion, list.kind]).toEqual(['meta.k8s.io/v1', 'PartialObjectMetadataList'])
      expect(list['items']).toEqual([{ metadata }])
      const one = await call('GET', `${collection}/${metadata.name}`, {
        headers: metadataAccept('PartialObjectMetadata'),
      })
      const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
      expect(read(one)).toEqual(partial)
      const watch = await call('GET', `${path}&watch=true&timeoutSeconds=1`, {
        headers: metadataAccept('PartialObjectMetadata'),
      })
      expect(framesOf(watch.raw)).toEqual([{ type: 'ADDED', object: partial }])
    }
    // There is no protobuf for the rest of a custom resource, but for what is wrong with it.
    expect((await call('GET', `${cats}/tom`)).json).toMatchObject({ kind: 'Cat', data: { hidden: 'text' } })
    expect((await call('GET', cats)).json).toMatchObject({ kind: 'CatList' })
    const refused = await call('GET', `${cats}/tom`, { headers: { accept: protobuf } })
    expect([refused.code, read(refused)['reason']]).toEqual([406, 'NotAcceptable'])
    expect(read(await call('GET', `${cats}/jerry`))).toMatchObject({ kind: 'Status', code: 404 })
  })

  it('are no Tables', async () => {
    const table = 'as=Table;v=v1;g=meta.k8s.io'
    const accept = `${protobuf};${table},application/json;${table},application/json`
    expect((await call('GET', configMaps, { headers: { accept } })).json['kind']).toBe('Table')
    const refused = await call('GET', configMaps, { headers: { accept: `${protobuf};${table}` } })
    expect([refused.code, refused.json['reason']]).toEqual([406, 'NotAcceptable'])
  })

  it('are given of subresources and reviews', async () => {
    const replicaSets = '/apis/apps/v1/namespaces/default/replicasets'
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    }
    const spec = { replicas: 3, selector: { matchLabels: { app: 'web' } }, template }
    await under.test.call('POST', replicaSets, { body: { metadata: { name: 'web' }, spec } })
    const scale = read(await call('GET', `${replicaSets}/web/scale`))
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 3 } })

    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await under.test.call('POST', accounts, { body: { metadata: { name: 'robot' } } })
    const token = await call('POST', `${accounts}/robot/token`, { body: { spec: { audiences: [] } } })
    expect(read(token)).toMatchObject({
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      status: { token: expect.stringMatching(/^ey/), expirationTimestamp: expect.stringMatching(/Z$/) },
    })

    await under.test.call('POST', pods, { body: { metadata: { name: 'guest' }, spec: template.spec } })
    const eviction = await call('POST', `${pods}/guest/eviction`, { body: { metadata: { name: 'guest' } } })
    expect([eviction.code, read(eviction)['status']]).toEqual([201, 'Success'])
  })

  it('are given of discovery, plain and aggregated', async () => {
    for (const path of ['/api', '/apis', '/apis/apps', '/api/v1', '/apis/pets.example.com/v1']) {
      const json = (await under.test.call('GET', path)).json as object
      // The wire knows no difference between a list that is empty and one that is not there.
      expect(read(await call('GET', path))).toMatchObject(json)
    }
    const aggregated = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const whole = async (type: string): Promise<Reply> =>
      under.test.call('GET', '/apis', { headers: { accept: `${type};${aggregated}` } })
    const reply = await whole(protobuf)
    expect(reply.headers['content-type']).toBe(`${protobuf};${aggregated}`)
    const json = await whole('application/json')
    expect(reply.headers['etag']).toBe(json.headers['etag'])
    // A time that is not there is null in JSON.
    const withoutNull = (_key: string, value: unknown): unknown => value ?? undefined
    expect(decode(reply.raw).value).toMatchObject(JSON.parse(json.raw.toString(), withoutNull) as object)
  })
})

describe('metrics', () => {
  it('are answered in protobuf too, and their lists without a kind for each', async () => {
    const usage = { cpu: '2m', memory: '3Mi' }
    const at = '2026-01-01T00:00:00Z'
    const pod = {
      ...{ kind: 'PodMetrics', apiVersion: 'metrics.k8s.io/v1beta1' },
      metadata: { name: 'p', namespace: 'default', creationTimestamp: at },
      ...{ timestamp: at, window: '15s', containers: [{ name: 'c', usage }] },
    }
    const reader = { get: () => Promise.resolve(pod), list: () => Promise.resolve([pod]) }
    const registry = createRegistry({
      store: createMemoryStore(),
      kinds: [...builtInKinds, ...metricsKinds],
      readers: { 'pods.metrics.k8s.io': reader },
      admission: [],
      clock: systemClock,
      log: silentLogger,
    })
    const test = await startTestServer(() => ({ registry }))
    const path = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods'
    const read = (reply: Reply): unknown => {
      expect([reply.code, reply.headers['content-type']]).toEqual([200, protobuf])
      return decode(reply.raw).value
    }
    const headers = { accept: `${protobuf},application/json` }
    expect(read(await test.call('GET', `${path}/p`, { headers }))).toEqual(pod)
    const { kind: _kind, apiVersion, ...item } = pod
    const list = { kind: 'PodMetricsList', apiVersion, metadata: {}, items: [item] }
    expect((await test.call('GET', path)).json).toEqual(list)
    const encoded = await test.call('GET', path, { headers })
    expect([encoded.code, encoded.headers['content-type']]).toEqual([200, protobuf])
    expect(encoded.raw.includes('PodMetricsList')).toBe(true)
    await test.close()
  })
})
