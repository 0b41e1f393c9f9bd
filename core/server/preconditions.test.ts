import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()
const merge = { 'content-type': 'application/merge-patch+json' }

async function created(path: string, body: object): Promise<KubeObject> {
  const { code, json } = await api.call('POST', path, { body })
  expect(code).toBe(201)
  return json as unknown as KubeObject
}

async function put(path: string, object: KubeObject, metadata: object): Promise<[number, unknown]> {
  const body = { ...object, metadata: { ...object.metadata, ...metadata } }
  const { code, json } = await api.call('PUT', path, { body })
  return [code, json['message']]
}

describe('an update of another object of the name', () => {
  const job = '/apis/networking.k8s.io/v1/namespaces/default/ingresses'
  const backend = { service: { name: 's', port: { number: 80 } } }
  const port = { ports: [{ port: 80 }] }
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  it.each([
    [api.configMaps, {}, 'configmaps', '/configmaps/default/uid'],
    ['/api/v1/nodes', {}, 'nodes', '/minions/uid'],
    ['/api/v1/namespaces/default/services', { spec: port }, 'services', '/services/specs/default/uid'],
    ['/api/v1/namespaces/default/endpoints', {}, 'endpoints', '/services/endpoints/default/uid'],
    [job, { spec: { defaultBackend: backend } }, 'ingresses.networking.k8s.io', '/ingress/default/uid'],
    [
      '/api/v1/namespaces/default/replicationcontrollers',
      { spec: { selector: { a: 'b' }, template } },
      'replicationcontrollers',
      '/controllers/default/uid',
    ],
  ])('is refused with the key of upstream’s store: %s', async (path, content, resource, key) => {
    const object = await created(path, { metadata: { name: 'uid' }, ...content })
    const { uid } = object.metadata
    const why = `AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ${uid}`
    const refusal = (prefix: string): string =>
      `Operation cannot be fulfilled on ${resource} "uid": StorageError: invalid object, Code: 4, Key: ${prefix}${key}, ResourceVersion: 0, ${why}`
    expect(await put(`${path}/uid`, object, { uid: 'x' })).toEqual([409, refusal('/registry')])
    expect(await put(`${path}/uid?dryRun=All`, object, { uid: 'x' })).toEqual([409, refusal('')])
  })
})

describe('a resourceVersion', () => {
  const large = '99999999999999999999999'
  const parsing = (text: string, why: string): string => `strconv.ParseUint: parsing "${text}": ${why}`

  it('is a number of 64 bits', async () => {
    const object = await created(api.configMaps, { metadata: { name: 'rv' } })
    const path = `${api.configMaps}/rv`
    const { resourceVersion } = object.metadata
    expect(await put(path, object, { resourceVersion: 'x' })).toEqual([500, parsing('x', 'invalid syntax')])
    expect(await put(path, object, { resourceVersion: large })).toEqual([
      500,
      parsing(large, 'value out of range'),
    ])
    expect(await put(path, object, { resourceVersion: `00${resourceVersion}` })).toEqual([200, undefined])
    const { json } = await api.call('GET', `${path}?resourceVersion=${large}`)
    expect(json['message']).toContain(parsing(large, 'value out of range'))
  })

  it('is refused as the caller’s of events, which upstream has in no cache', async () => {
    const path = '/api/v1/namespaces/default/events/none'
    expect((await api.call('GET', `${path}?resourceVersion=x`)).code).toBe(400)
    const { code, json } = await api.call('GET', `${path}?resourceVersion=999999999`)
    expect([code, (json['details'] as { retryAfterSeconds?: number }).retryAfterSeconds]).toEqual([
      504,
      undefined,
    ])
  })

  it('of a Scale may be 0, for any, and is a number', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    await created(path, {
      metadata: { name: 'rv' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    })
    const scale = (await api.call('GET', `${path}/rv/scale`)).json as unknown as KubeObject
    expect(await put(`${path}/rv/scale`, scale, { resourceVersion: '0' })).toEqual([200, undefined])
    expect((await put(`${path}/rv/scale`, scale, { resourceVersion: 'x' }))[0]).toBe(500)
    const body = { metadata: { resourceVersion: 'x' } }
    expect((await api.call('PATCH', `${path}/rv/scale`, { body, headers: merge })).code).toBe(500)
  })

  it('is needed to update a definition', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const schema = { openAPIV3Schema: { type: 'object' } }
    const spec = {
      group: 'example.com',
      scope: 'Cluster',
      names: { kind: 'Foo', plural: 'foos' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    }
    const name = 'foos.example.com'
    const object = await created(path, { metadata: { name }, spec })
    expect((await put(`${path}/${name}`, object, { resourceVersion: undefined }))[0]).toBe(422)
    const { json } = await api.call('DELETE', `${path}/${name}`, { body: { preconditions: { uid: 'x' } } })
    expect(json['message']).toBe(
      `Operation cannot be fulfilled on customresourcedefinitions.apiextensions.k8s.io "${name}": Precondition failed: UID in precondition: x, UID in object meta: ${object.metadata.uid}`,
    )
  })
})

it('conditions without times have null there, and who set them owns that', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments'
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await created(path, {
    metadata: { name: 'times' },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  })
  const body = { status: { conditions: [{ type: 'X', status: 'True' }] } }
  const { raw, json } = await api.call('PATCH', `${path}/times/status`, { body, headers: merge })
  expect(JSON.parse(raw.toString()).status.conditions).toEqual([
    { type: 'X', status: 'True', lastUpdateTime: null, lastTransitionTime: null },
  ])
  const owners = (json['metadata'] as KubeObject['metadata']).managedFields ?? []
  expect(JSON.stringify(owners.find(({ subresource }) => subresource)?.fieldsV1)).toContain(
    'f:lastUpdateTime',
  )
})

it('no generation of a pod is negative', async () => {
  const path = '/api/v1/namespaces/default/pods'
  await created(path, { metadata: { name: 'negative' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
  const body = {
    status: { observedGeneration: -1, conditions: [{ type: 'X', status: 'True', observedGeneration: -2 }] },
  }
  const { json } = await api.call('PATCH', `${path}/negative/status`, { body, headers: merge })
  expect(json['message']).toBe(
    'Pod "negative" is invalid: [status.conditions[0].observedGeneration: Invalid value: -2: must be a non-negative integer, status.observedGeneration: Invalid value: -1: must be a non-negative integer]',
  )
})

it('labels of an EndpointSlice are of its generation, empty lists are none', async () => {
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
  const object = await created(path, { metadata: { name: 'generation' }, addressType: 'IPv4', endpoints: [] })
  await put(`${path}/generation`, { ...object, endpoints: null } as unknown as KubeObject, {})
  const body = { metadata: { labels: { a: 'b' }, annotations: { a: 'b' } } }
  const { json } = await api.call('PATCH', `${path}/generation`, { body, headers: merge })
  expect((json['metadata'] as KubeObject['metadata']).generation).toBe(2)
})
