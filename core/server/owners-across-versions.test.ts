import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { customKindsOf } from '../kinds/apiextensions/custom-kind.ts'
import { startTestServer, type Reply, type TestServer } from './testing/test-server.ts'

const apply = { 'content-type': 'application/apply-patch+yaml' }
const merge = { 'content-type': 'application/merge-patch+json' }
const group = 'pets.example.com'
const text = { type: 'string' }

function version(name: string, fields: object): object {
  const spec = { type: 'object', properties: { a: text, ...fields } }
  const openAPIV3Schema = { type: 'object', properties: { spec } }
  return { name, served: true, storage: name === 'v1', schema: { openAPIV3Schema } }
}

const names = { plural: 'cats', singular: 'cat', kind: 'Cat', listKind: 'CatList' }
/** Versions in which a field has another name. */
const definition = {
  metadata: { name: `cats.${group}`, uid: 'u' },
  spec: {
    group,
    scope: 'Namespaced',
    names,
    versions: [version('v1', { old: text }), version('v2', { new: text })],
    conversion: {
      strategy: 'Webhook',
      webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://example.com' } },
    },
  },
  status: { acceptedNames: names, conditions: [{ type: 'Established', status: 'True' }] },
}

interface Review {
  request: {
    uid: string
    desiredAPIVersion: string
    objects: (KubeObject & { spec?: Record<string, unknown> })[]
  }
}

/** Renames the field. */
function convert({ request: { uid, desiredAPIVersion, objects } }: Review): object {
  const [from, to] = desiredAPIVersion.endsWith('v2') ? ['old', 'new'] : ['new', 'old']
  const convertedObjects = objects.map((object) => {
    const { [from]: value, ...spec } = object.spec ?? {}
    const next = value === undefined ? spec : { ...spec, [to]: value }
    return { ...object, apiVersion: desiredAPIVersion, ...(object.spec && { spec: next }) }
  })
  const response = { uid, result: { status: 'Success' }, convertedObjects }
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response }
}
const webhooks = { client: () => ({ post: (review: Review) => Promise.resolve(convert(review)) }) }

// What kube-apiserver 1.36.2 answered to the same requests.
describe('owners of fields where versions differ', () => {
  let test: TestServer
  let made = 0
  let name = ''
  beforeAll(async () => {
    test = await startTestServer()
    test.registry.setCustomKinds(customKindsOf(definition as never, webhooks as never))
  })
  afterAll(() => test.close())

  const path = (served: string): string => `/apis/${group}/${served}/namespaces/default/cats/${name}`
  const applied = (served: string, manager: string, spec: object, more = ''): Promise<Reply> =>
    test.call('PATCH', `${path(served)}?fieldManager=${manager}${more}`, {
      headers: apply,
      body: { apiVersion: `${group}/${served}`, kind: 'Cat', metadata: { name }, spec },
    })
  const merged = (served: string, manager: string, spec: object): Promise<Reply> =>
    test.call('PATCH', `${path(served)}?fieldManager=${manager}`, { headers: merge, body: { spec } })
  const fresh = (): void => void (name = `c${++made}`)

  function owners({ json: object }: Reply): Record<string, string> {
    const entries = object.metadata.managedFields as {
      manager: string
      apiVersion: string
      fieldsV1: object
    }[]
    return Object.fromEntries(
      entries.map(({ manager, apiVersion, fieldsV1 }) => [
        `${manager} ${apiVersion.slice(group.length + 1)}`,
        Object.keys((fieldsV1 as { 'f:spec': object })['f:spec']).join(' '),
      ]),
    )
  }

  it('who changes a field takes it from who owns it by another name', async () => {
    fresh()
    await applied('v1', 'one', { a: 'x', old: 'y' })
    expect(owners(await merged('v2', 'two', { new: 'q' }))).toEqual({ 'one v1': 'f:a', 'two v2': 'f:new' })
    expect(owners(await merged('v1', 'three', { old: null }))).toEqual({ 'one v1': 'f:a' })
  })

  it('a conflict names the field as its owner knows it', async () => {
    fresh()
    await applied('v1', 'one', { a: 'x', old: 'y' })
    const refused = await applied('v2', 'two', { new: 'z' })
    expect([refused.code, refused.json.message]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "one": .spec.old',
    ])
    const shared = await applied('v2', 'two', { new: 'y' })
    expect(owners(shared)).toEqual({ 'one v1': 'f:a f:old', 'two v2': 'f:new' })
    const forced = await applied('v2', 'two', { new: 'z' }, '&force=true')
    expect(owners(forced)).toEqual({ 'one v1': 'f:a', 'two v2': 'f:new' })
    const left = await applied('v1', 'one', { a: 'x' })
    expect(left.json.spec).toEqual({ a: 'x', old: 'z' })
  })

  it('who applies another version removes what it applied before by its other name', async () => {
    fresh()
    await applied('v1', 'one', { a: 'x', old: 'y' })
    const next = await applied('v2', 'one', { a: 'x' })
    expect([next.json.spec, owners(next)]).toEqual([{ a: 'x' }, { 'one v2': 'f:a' }])
  })
})

describe('managedFields that are sent', () => {
  let test: TestServer
  const path = '/api/v1/namespaces/default/configmaps'
  beforeAll(async () => {
    test = await startTestServer()
  })
  afterAll(() => test.close())

  const entry = (manager: string, apiVersion: string, names: string[], operation = 'Update'): object => ({
    manager,
    operation,
    apiVersion,
    time: '2020-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: names.length > 0 ? { 'f:data': Object.fromEntries(names.map((key) => [`f:${key}`, {}])) } : {},
  })

  it('are put in order, without managers of nothing and of versions that are none of its kind', async () => {
    const body = { metadata: { name: 'a' }, data: { a: '1', b: '2' } }
    const { json: object } = await test.call('POST', path, { body })
    object.metadata.managedFields = [
      entry('z', 'v1', ['b']),
      entry('nothing', 'v1', []),
      entry('none', 'v2', ['a']),
      entry('other', 'apps/v1', ['a']),
      entry('y', 'v1', ['a'], 'Apply'),
      entry('z', 'v1', ['a']),
    ]
    const { json } = await test.call('PUT', `${path}/a`, { body: object })
    expect(json.metadata.managedFields).toEqual([entry('y', 'v1', ['a'], 'Apply'), entry('z', 'v1', ['a'])])
  })

  it('may name a version that was served once', async () => {
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    const labels = { a: 'b' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const body = { metadata: { name: 'a' }, spec: { selector: { matchLabels: labels }, template } }
    const { json: object } = await test.call('POST', deployments, { body })
    const old = { ...entry('old', 'apps/v1beta1', ['x']), fieldsV1: { 'f:spec': { 'f:replicas': {} } } }
    object.metadata.managedFields = [old, { ...old, apiVersion: 'apps/v7' }]
    const { json } = await test.call('PUT', `${deployments}/a`, { body: object })
    expect(json.metadata.managedFields).toEqual([old])
  })
})
