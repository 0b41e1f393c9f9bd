import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customKindsOf } from '../kinds/apiextensions/custom-kind.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const root = '/apis/pets.example.com/v1'
const cats = `${root}/namespaces/default/cats`
const merge = { 'content-type': 'application/merge-patch+json' }
const json = { 'content-type': 'application/json-patch+json' }
const apply = { 'content-type': 'application/apply-patch+yaml' }
const yaml = { 'content-type': 'application/yaml' }
const cat = { apiVersion: 'pets.example.com/v1', kind: 'Cat', metadata: { name: 'a' } }

/** A definition that is served. */
const definition = {
  metadata: { name: 'cats.pets.example.com', uid: 'u' },
  spec: {
    group: 'pets.example.com',
    scope: 'Namespaced',
    names: { plural: 'cats', singular: 'cat', kind: 'Cat', listKind: 'CatList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { name: { type: 'string' }, replicas: { type: 'integer' } },
              },
            },
          },
        },
        subresources: {
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
      },
    ],
  },
  status: {
    acceptedNames: { plural: 'cats', singular: 'cat', kind: 'Cat', listKind: 'CatList' },
    conditions: [{ type: 'Established', status: 'True' }],
  },
}

// The wording is what kube-apiserver 1.36.2 answered to the same requests.
describe('what the API server says of custom resources', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
    test.registry.setCustomKinds(customKindsOf(definition as never, {} as never))
    expect((await test.call('POST', cats, { body: cat })).code).toBe(201)
  })
  afterAll(() => test.close())

  it.each([
    [{ ...cat, kind: 5 }, 'json: cannot unmarshal number into Go struct field .kind of type string'],
    [
      { ...cat, apiVersion: [] },
      'json: cannot unmarshal array into Go struct field .apiVersion of type string',
    ],
  ])('a body of no type: %j', async (body, why) => {
    const { code, json } = await test.call('POST', cats, { body })
    const shown = JSON.stringify(body).slice(0, 30)
    const message = `the object provided is unrecognized (must be of type Cat): couldn't get version/kind; json parse error: ${why} (${shown} ...)`
    expect([code, json['message']]).toEqual([400, message])
  })

  it('a body without an apiVersion, or with an impossible one', async () => {
    const none = await test.call('POST', cats, { body: { ...cat, apiVersion: null } })
    expect([none.code, none.json['message']]).toEqual([
      400,
      'Cat in version "" cannot be handled as a Cat: .apiVersion accessor error: <nil> is of the type <nil>, expected string',
    ])
    const odd = await test.call('POST', cats, { body: { ...cat, apiVersion: 'a/b/c' } })
    expect(odd.json['message']).toContain('unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"')
  })

  it('a body that does not say its kind is shown as it came', async () => {
    const { json } = await test.call('POST', cats, { body: 'a: b\n', headers: yaml })
    const message = `the object provided is unrecognized (must be of type Cat): Object 'Kind' is missing in 'a: b\n' (613a20620a)`
    expect(json['message']).toBe(message)
    const empty = await test.call('POST', cats, { body: 'null' })
    expect(empty.json['message']).toContain(`Object 'Kind' is missing in 'null' (6e756c6c)`)
  })

  it('a refused patch shows the whole object after it', async () => {
    const body = { metadata: { labels: { a: 5 } } }
    const { code, json } = await test.call('PATCH', `${cats}/a`, { body, headers: merge })
    expect(code).toBe(422)
    expect(json['message']).toMatch(
      /^ "" is invalid: patch: Invalid value: "\{\\"apiVersion\\":\\"pets.example.com\/v1\\",\\"kind\\":\\"Cat\\",\\"metadata\\":\{\\"creationTimestamp\\":.*,\\"labels\\":\{\\"a\\":5\},\\"name\\":\\"a\\",.*: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string$/,
    )
  })

  it('a patch that takes the type away', async () => {
    const kind = await test.call('PATCH', `${cats}/a`, { body: { kind: null }, headers: merge })
    expect(kind.json['message']).toMatch(/: Object 'Kind' is missing in '\{"apiVersion".*\}'$/)
    const number = await test.call('PATCH', `${cats}/a`, { body: { apiVersion: 5 }, headers: merge })
    expect(number.code).toBe(422)
    const version = await test.call('PATCH', `${cats}/a`, { body: { apiVersion: '' }, headers: merge })
    expect([version.code, version.json['message']]).toEqual([
      500,
      "Internal error occurred: Object 'apiVersion' is missing in 'object has no apiVersion field'",
    ])
  })

  it('operations of a JSON patch with members that it does not have', async () => {
    const body = [{ op: 'add', path: '/spec', value: {}, odd: 1 }]
    const warned = await test.call('PATCH', `${cats}/a`, { body, headers: json })
    expect([warned.code, warned.headers['warning']]).toEqual([
      200,
      '299 - "json patch unknown field \\"[0].odd\\""',
    ])
    const refused = await test.call('PATCH', `${cats}/a?fieldValidation=Strict`, { body, headers: json })
    expect(refused.json['message']).toContain('strict decoding error: json patch unknown field "[0].odd"')
  })

  it('an apply without a manager is refused before it is read', async () => {
    const { code, json } = await test.call('PATCH', `${cats}/a`, { body: '[', headers: apply })
    expect([code, json['message']]).toEqual([
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ])
  })

  it('duplicate keys of YAML are told by line, and only the first document is read', async () => {
    const body = `apiVersion: pets.example.com/v1\nkind: Cat\nmetadata:\n  name: b\n  name: c\n---\n]\n`
    const warned = await test.call('POST', cats, { body, headers: yaml })
    expect([warned.code, warned.headers['warning']]).toEqual([
      201,
      '299 - "line 5: key \\"name\\" already set in map"',
    ])
    const { json } = await test.call('POST', `${cats}?fieldValidation=Strict`, { body, headers: yaml })
    expect(json['message']).toBe(
      'Cat in version "v1" cannot be handled as a Cat: strict decoding error: yaml: unmarshal errors:\n  line 5: key "name" already set in map',
    )
  })

  it('are not deleted across all namespaces, nor is what is built in', async () => {
    const custom = await test.call('DELETE', `${root}/cats`)
    expect([custom.code, custom.raw.toString()]).toEqual([404, '404 page not found\n'])
    expect((await test.call('GET', `${cats}/a`)).code).toBe(200)
    const builtIn = await test.call('DELETE', '/api/v1/configmaps')
    expect([builtIn.code, builtIn.json['message']]).toEqual([
      405,
      'the server does not allow this method on the requested resource',
    ])
  })

  it.each([`${cats}/a?resourceVersion=x`, `${cats}?watch=1&resourceVersion=x`])(
    'a version that is none: %s',
    async (path) => {
      const { code, json } = await test.call('GET', path)
      const why = 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'
      expect([code, json['message']]).toEqual([500, why])
    },
  )

  it('who is created may say who owns it, and odd versions do not count', async () => {
    const owner = { manager: 'x', operation: 'Apply', apiVersion: cat.apiVersion, fieldsType: 'FieldsV1' }
    const managedFields = [{ ...owner, time: '2001-01-01T00:00:00Z', fieldsV1: { 'f:spec': {} } }]
    const body = { ...cat, metadata: { name: 'owned', managedFields, resourceVersion: 'x' } }
    const { code, json } = await test.call('POST', cats, { body })
    expect([code, json['metadata']?.managedFields]).toEqual([201, managedFields])
  })

  it('a Scale that is none, or of another object', async () => {
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' } }
    const put = (body: object): ReturnType<TestServer['call']> =>
      test.call('PUT', `${cats}/a/scale`, { body })
    const wrong = await put({ ...scale, spec: { replicas: 'x' } })
    expect([wrong.code, wrong.json['message']]).toEqual([
      400,
      'no kind is registered for the type v1.Scale in scheme "k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:781"',
    ])
    expect((await put({ ...scale, metadata: { name: 'a', uid: 'x' }, spec: { replicas: 1 } })).code).toBe(409)
    expect((await put({ ...scale, spec: { replicas: 1 } })).code).toBe(200)
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const { json } = await test.call('GET', `${cats}/a/scale`, { headers: { accept } })
    const columns = (json['columnDefinitions'] as { name: string }[]).map(({ name }) => name)
    const [{ cells }] = json['rows'] as [{ cells: unknown[] }]
    expect([columns, cells.slice(0, 3)]).toEqual([
      ['Name', 'Desired', 'Available', 'Age'],
      ['a', 1, 0],
    ])
    const renamed = { body: { metadata: { name: 'z' } }, headers: merge }
    expect((await test.call('PATCH', `${cats}/a/scale`, renamed)).code).toBe(400)
  })
})
