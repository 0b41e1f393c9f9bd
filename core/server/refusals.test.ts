import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const jsonPatch = { 'content-type': 'application/json-patch+json' }
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

// The wording is what an apiserver library of version 1.36.4 answered to the same requests.
describe('what the API server refuses', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
    const body = { metadata: { name: 'a' }, data: { x: '1' } }
    expect((await test.call('POST', configMaps, { body })).code).toBe(201)
  })
  afterAll(() => test.close())

  it.each([
    ['GET', '?timeoutSeconds=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['GET', '?watch=1&timeoutSeconds=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    [
      'GET',
      '?resourceVersion=x',
      'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
  ])('%s %s', async (method, query, message) => {
    const { code, json } = await test.call(method, configMaps + query)
    expect([code, json['message']]).toEqual([400, message])
  })

  it('what a JSON patch says twice', async () => {
    const body = '[{"op":"add","path":"/data/y","value":"1","value":"2"}]'
    const { code, json } = await test.call('PATCH', `${configMaps}/a?fieldValidation=Strict`, {
      body,
      headers: jsonPatch,
    })
    expect([code, json['message']]).toEqual([
      422,
      expect.stringContaining('json patch duplicate field "[0].value"'),
    ])
  })

  it('a Table with unknown objects', async () => {
    const { code, json } = await test.call('GET', `${configMaps}/a?includeObject=Odd`, { headers: table })
    const why = `includeObject: Invalid value: "Odd": must be 'Metadata', 'Object', 'None', or empty`
    expect([code, json['message']]).toEqual([400, `Unable to convert to Table as requested: ${why}`])
  })

  it.each([
    ['dryRun=Some', 'dryRun', 'Unsupported value: ["Some"]: supported values: "All"'],
    [
      'fieldValidation=Odd',
      'fieldValidation',
      'Unsupported value: "Odd": supported values: "", "Ignore", "Strict", "Warn"',
    ],
  ])('options of a write: %s', async (query, field, message) => {
    const body = { metadata: { name: 'b' } }
    const { code, json } = await test.call('POST', `${configMaps}?${query}`, { body })
    expect(code).toBe(422)
    const reason = 'FieldValueNotSupported'
    const causes = [{ reason, message, field }]
    // No name: an empty one is left out.
    expect(json['details']).toEqual({ group: 'meta.k8s.io', kind: 'CreateOptions', causes })
  })

  it('a dry run that DeleteOptions do not know', async () => {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All', 'Some'] }
    const { json } = await test.call('DELETE', `${configMaps}/a`, { body })
    expect(json['message']).toContain('dryRun: Unsupported value: ["All","Some"]: supported values: "All"')
    const asked = await test.call('DELETE', `${configMaps}/a?dryRun=Some`)
    expect(asked.json['message']).toContain('dryRun: Unsupported value: ["Some"]: supported values: "All"')
  })

  it('bodies in formats that are not taken, which it lists', async () => {
    const headers = { 'content-type': 'text/plain' }
    const created = await test.call('POST', configMaps, { body: 'x', headers })
    expect([created.code, created.json['message']]).toEqual([
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ])
    const patched = await test.call('PATCH', `${configMaps}/a`, { body: '{}', headers })
    // The route of a patch refuses it before any handler sees it.
    expect([patched.code, patched.json['message'], patched.json['details']]).toEqual([
      415,
      '415: Unsupported Media Type',
      {},
    ])
  })

  it.each([
    [{}, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
    [
      [{ path: 6, op: 'add' }],
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string',
    ],
  ])('the JSON patch %j', async (body, message) => {
    const { code, json } = await test.call('PATCH', `${configMaps}/a`, { body, headers: jsonPatch })
    expect([code, json['message']]).toEqual([400, message])
  })

  it.each([
    ['', 200, undefined],
    ['=', 200, undefined],
    ['metadata.name=a', 200, undefined],
    ['metadata.name=b', 400, "fieldSelector metadata.name doesn't match requested name"],
    ['metadata.namespace=default', 400, "fieldSelector metadata.name doesn't match requested name"],
    ['=b', 400, "fieldSelector metadata.name doesn't match requested name"],
  ])('the field selector %j of a watch by name', async (selector, code, message) => {
    const query = `timeoutSeconds=1&fieldSelector=${encodeURIComponent(selector)}`
    const path = `/api/v1/watch/namespaces/default/configmaps/a?${query}`
    const reply = await test.call('GET', path)
    expect([reply.code, reply.json['message']]).toEqual([code, message])
  })

  it.each([
    ['=', 200, undefined],
    ['=b', 400, '"" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    [' ', 400, "invalid selector: ' '; can't understand ' '"],
    ['z=1,a=2', 400, '"a" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ])('the field selector %j of a list', async (selector, code, message) => {
    const reply = await test.call('GET', `${configMaps}?fieldSelector=${encodeURIComponent(selector)}`)
    expect([reply.code, reply.json['message']]).toEqual([code, message])
  })

  it.each([
    ['', 'error decoding patch: unexpected end of JSON input'],
    [
      '5',
      'error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}',
    ],
    [
      '[]',
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    ['null', 'Invalid JSON Patch'],
  ])('the merge patch %j', async (body, message) => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const { code, json } = await test.call('PATCH', `${configMaps}/a`, { body, headers })
    expect([code, json['message']]).toEqual([400, message])
  })

  const struct =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
  it.each([
    ['{bad', "json parse error: invalid character 'b' looking for beginning of object key string ({bad)"],
    [
      `{"metadata":{"labels":{"a":"${'b'.repeat(40)}"}}`,
      'json parse error: unexpected end of JSON input ({"metadata":{"labels":{"a":"bb ...)',
    ],
    ['', 'json parse error: unexpected end of JSON input (<empty>)'],
    ['a: b', "json parse error: invalid character 'a' looking for beginning of value (613a2062)"],
    ['[1]', `json parse error: json: cannot unmarshal array into Go value of type ${struct} (5b315d)`],
    ['"x"', `json parse error: json: cannot unmarshal string into Go value of type ${struct} (227822)`],
  ])('a body that is no JSON object: %j', async (body, why) => {
    for (const [method, path, kind] of [
      ['POST', configMaps, 'ConfigMap'],
      ['PUT', `${configMaps}/a`, 'ConfigMap'],
      ['POST', '/api/v1/namespaces/default/pods/a/eviction', 'Eviction'],
    ] as const) {
      const { code, json } = await test.call(method, path, { body })
      const message = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ${why}`
      expect([code, json['message']]).toEqual([400, message])
    }
  })

  it.each([
    ['merge-patch+json', 'error decoding patch: '],
    ['json-patch+json', 'error decoding patch: '],
    ['strategic-merge-patch+json', ''],
  ])('a patch that is no JSON: %s', async (type, before) => {
    const headers = { 'content-type': `application/${type}` }
    const { code, json } = await test.call('PATCH', `${configMaps}/a`, { body: '{"a":tru}', headers })
    const why = "invalid character '}' in literal true (expecting 'e')"
    expect([code, json['message']]).toEqual([400, before + why])
  })

  it('an apply patch that is no YAML or no object', async () => {
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    const apply = async (body: string): Promise<unknown[]> => {
      const { code, json } = await test.call('PATCH', `${configMaps}/applied?fieldManager=x`, {
        body,
        headers,
      })
      return [code, json['message'] ?? json['data']]
    }
    const array = 'json: cannot unmarshal array into Go value of type map[string]interface {}'
    expect(await apply('[]')).toEqual([
      400,
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: ${array}`,
    ])
    expect(await apply('{bad')).toEqual([
      400,
      expect.stringMatching(/^error decoding YAML: error converting YAML to JSON: yaml: /),
    ])
    // YAML that begins as JSON does.
    expect(await apply('{apiVersion: v1, kind: ConfigMap, metadata: {name: applied}, data: {a: b}}')).toEqual(
      [201, { a: 'b' }],
    )
  })

  it('an unknown subresource, which it takes for an object of a custom kind', async () => {
    const builtIn = await test.call('GET', `${configMaps}/a/odd`)
    const unserved = 'the server could not find the requested resource'
    expect([builtIn.code, builtIn.json['message']]).toEqual([404, unserved])
    const { definition } = test.registry.resource('', 'v1', 'configmaps')!
    const names = { plural: 'cats', singular: 'cat' }
    const schema = { type: 'object' as const }
    test.registry.setCustomKinds([{ ...definition, group: 'pets.example.com', kind: 'Cat', names, schema }])
    const custom = await test.call('GET', '/apis/pets.example.com/v1/namespaces/default/cats/tom/odd')
    expect([custom.code, custom.json['message'], custom.json['details']]).toEqual([
      404,
      'cats.pets.example.com "tom" not found',
      { group: 'pets.example.com', kind: 'cats', name: 'tom' },
    ])
  })

  it.each([
    '/odd',
    '/livez/odd',
    '/openapi/v2/',
    '/apis/odd.example.com',
    '/apis/odd.example.com/v1/things',
    '/apis/birds.example.com/v1/odds',
  ])('%s, in words of HTTP alone', async (path) => {
    const { definition } = test.registry.resource('', 'v1', 'configmaps')!
    const names = { plural: 'birds', singular: 'bird' }
    const schema = { type: 'object' as const }
    test.registry.setCustomKinds([{ ...definition, group: 'birds.example.com', kind: 'Bird', names, schema }])
    const { code, headers, raw } = await test.call('GET', path)
    expect([code, raw.toString(), headers['content-type'], headers['x-content-type-options']]).toEqual([
      404,
      '404 page not found\n',
      'text/plain; charset=utf-8',
      'nosniff',
    ])
  })

  it.each([
    '/api/v1/odds',
    '/apis/apps/v1/namespaces/default/odds/a',
    '/api/v1/namespaces/default/nodes/a/b',
  ])('%s, with a Status: the version is one of its own', async (path) => {
    const { code, json } = await test.call('GET', path)
    const message = 'the server could not find the requested resource'
    expect([code, json]).toEqual([
      404,
      expect.objectContaining({ kind: 'Status', reason: 'NotFound', message }),
    ])
  })

  it('a JSON patch that does not fit the object, without causes', async () => {
    const body = [{ op: 'test', path: '/data/x', value: '2' }]
    const { code, json } = await test.call('PATCH', `${configMaps}/a`, { body, headers: jsonPatch })
    expect([code, json['reason'], json['details']]).toEqual([422, 'Invalid', {}])
  })

  it('no namespace of a cluster-scoped object, which it drops', async () => {
    const storageClasses = '/apis/storage.k8s.io/v1/storageclasses'
    const apiVersion = 'storage.k8s.io/v1'
    const body = {
      apiVersion,
      kind: 'StorageClass',
      metadata: { name: 'a', namespace: 'x' },
      provisioner: 'p',
    }
    const created = await test.call('POST', storageClasses, { body })
    expect([created.code, created.json.metadata]).toEqual([
      201,
      expect.not.objectContaining({ namespace: 'x' }),
    ])
    const replaced = await test.call('PUT', `${storageClasses}/a`, { body })
    const patch = { metadata: { namespace: 'x' } }
    const headers = { 'content-type': 'application/merge-patch+json' }
    const patched = await test.call('PATCH', `${storageClasses}/a`, { body: patch, headers })
    const applied = await test.call('PATCH', `${storageClasses}/a?fieldManager=m`, {
      body,
      headers: { 'content-type': 'application/apply-patch+yaml' },
    })
    for (const { code, json } of [replaced, patched, applied]) {
      expect([code, json.metadata.namespace]).toEqual([200, undefined])
    }
  })

  it('a uid set by a patch', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const body = { metadata: { uid: 'q' } }
    const { code, json } = await test.call('PATCH', `${configMaps}/a`, { body, headers })
    expect(code).toBe(422)
    expect(json['message']).toContain('metadata.uid: Invalid value: "q": field is immutable')
  })

  it('a deletion whose preconditions fail, naming the kind', async () => {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'x' } }
    const { code, json } = await test.call('DELETE', `${configMaps}/a`, { body })
    expect([code, json['details']]).toEqual([409, { name: 'a', kind: 'ConfigMap' }])
    expect(json['message']).toMatch(
      /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(x\)/,
    )
  })
})
