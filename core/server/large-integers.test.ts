import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customKindsOf } from '../kinds/apiextensions/custom-kind.ts'
import { startTestServer, type Reply, type TestServer } from './testing/test-server.ts'

const root = '/apis/pets.example.com/v1'
const cats = `${root}/namespaces/default/cats`
const merge = { 'content-type': 'application/merge-patch+json' }
const strategic = { 'content-type': 'application/strategic-merge-patch+json' }
const json = { 'content-type': 'application/json-patch+json' }
const apply = { 'content-type': 'application/apply-patch+yaml' }
const yaml = { 'content-type': 'application/yaml' }
/** 2^53 + 1, which a number does not hold. */
const large = '9007199254740993'
const maxInt64 = '9223372036854775807'

const integer = { type: 'integer' }
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
        additionalPrinterColumns: [
          { name: 'Lives', type: 'integer', jsonPath: '.spec.lives' },
          { name: 'Text', type: 'string', jsonPath: '.spec.lives' },
          { name: 'Weight', type: 'number', jsonPath: '.spec.lives' },
        ],
        selectableFields: [{ jsonPath: '.spec.lives' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-validations': [
                  {
                    rule: '!has(self.even) || self.even % 2 == 0',
                    messageExpression: "string(self.even) + ' is odd'",
                  },
                  { rule: 'self.born == 9007199254740995' },
                ],
                properties: {
                  lives: integer,
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  even: integer,
                  born: { ...integer, default: 9007199254740995n },
                  short: { ...integer, format: 'int32' },
                  few: { ...integer, maximum: 9007199254740000 },
                  many: { ...integer, minimum: 9007199254750000 },
                  triple: { ...integer, multipleOf: 3 },
                  one: { ...integer, enum: [9007199254740993n, 1] },
                  weight: { type: 'number' },
                  name: { type: 'string' },
                  flag: { type: 'boolean' },
                  set: { type: 'array', 'x-kubernetes-list-type': 'set', items: integer },
                  map: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['id'],
                    items: { type: 'object', required: ['id'], properties: { id: integer, n: integer } },
                  },
                  intOrString: { 'x-kubernetes-int-or-string': true },
                },
              },
            },
          },
        },
        subresources: {
          scale: { specReplicasPath: '.spec.free.replicas', statusReplicasPath: '.status.replicas' },
        },
      },
    ],
  },
  status: {
    acceptedNames: { plural: 'cats', singular: 'cat', kind: 'Cat', listKind: 'CatList' },
    conditions: [{ type: 'Established', status: 'True' }],
  },
}

/** The text of a Cat with a spec that is JSON already. */
function cat(name: string, spec: string, more = ''): string {
  return `{"apiVersion":"pets.example.com/v1","kind":"Cat","metadata":{"name":"${name}"${more}},"spec":${spec}}`
}

function specOf({ raw }: Reply): string {
  return /"spec":(\{.*\})\}\n?$/.exec(raw.toString())?.[1] ?? raw.toString()
}

describe('integers of 64 bits', () => {
  let test: TestServer
  let made = 0
  /** What becomes of a spec that is created. */
  async function create(spec: string): Promise<Reply> {
    made += 1
    return await test.call('POST', cats, { body: cat(`made-${made}`, spec) })
  }
  const messageOf = (reply: Reply): string => String(reply.json['message'])

  beforeAll(async () => {
    test = await startTestServer()
    test.registry.setCustomKinds(customKindsOf(definition as never, {} as never))
  })
  afterAll(() => test.close())

  it('are kept by every way of writing and reading a custom resource', async () => {
    const spec = `{"born":9007199254740995,"free":{"a":[${maxInt64},-9223372036854775808,1.5]},"lives":${large}}`
    const created = await test.call('POST', cats, { body: cat('kept', spec) })
    expect([created.code, specOf(created)]).toEqual([201, spec])
    const read = await test.call('GET', `${cats}/kept`)
    expect(specOf(read)).toBe(spec)

    const listed = await test.call('GET', `${cats}?fieldSelector=spec.lives%3D${large}`)
    expect(listed.raw.toString()).toContain(`"spec":${spec}`)
    const watched = await test.call('GET', `${cats}?watch=true&timeoutSeconds=1`)
    expect(watched.raw.toString()).toContain(`"spec":${spec}`)
    const pretty = await test.call('GET', `${cats}/kept?pretty=true`)
    expect(pretty.raw.toString()).toContain(`"lives": ${large}`)
    for (const path of [`${cats}/kept`, cats]) {
      const text = await test.call('GET', path, { headers: { accept: 'application/yaml' } })
      expect(text.raw.toString()).toContain(`lives: ${large}\n`)
      const rows = await test.call('GET', path, {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      })
      expect(rows.raw.toString()).toContain(`"cells":["kept",${large},"${large}",${large}]`)
    }

    const newer = spec.replace(large, '9007199254740997')
    const { resourceVersion } = created.json['metadata']
    const updated = await test.call('PUT', `${cats}/kept`, {
      body: cat('kept', newer, `,"resourceVersion":"${resourceVersion}"`),
    })
    expect([updated.code, specOf(updated)]).toEqual([200, newer])
    expect(updated.json['metadata'].generation).toBe(2)
    const same = await test.call('PUT', `${cats}/kept`, {
      body: cat('kept', newer, `,"resourceVersion":"${updated.json['metadata'].resourceVersion}"`),
    })
    expect(same.json['metadata'].resourceVersion).toBe(updated.json['metadata'].resourceVersion)
  })

  it('are kept by patches', async () => {
    await test.call('POST', cats, { body: cat('patched', `{"lives":1,"free":{"other":${maxInt64}}}`) })
    const patch = async (headers: Record<string, string>, body: string): Promise<string> => {
      const reply = await test.call(
        'PATCH',
        `${cats}/patched?fieldManager=m${headers === apply ? '&force=true' : ''}`,
        {
          headers,
          body,
        },
      )
      return `${reply.code} ${specOf(reply)}`
    }
    const left = `"born":9007199254740995,"free":{"other":${maxInt64}}`
    expect(await patch(merge, `{"spec":{"lives":${large}}}`)).toBe(`200 {${left},"lives":${large}}`)
    const operations = [
      `{"op":"test","path":"/spec/lives","value":${large}}`,
      `{"op":"copy","from":"/spec/free/other","path":"/spec/lives"}`,
      '{"op":"add","path":"/spec/weight","value":-9007199254740993}',
    ]
    expect(await patch(json, `[${operations.join()}]`)).toBe(
      `200 {${left},"lives":${maxInt64},"weight":-9007199254740993}`,
    )
    expect(await patch(json, `[{"op":"test","path":"/spec/lives","value":9223372036854775806}]`)).toContain(
      '422',
    )
    expect(await patch(apply, cat('patched', `{"lives":${large}}`))).toContain(`"lives":${large},`)
    const text = `apiVersion: pets.example.com/v1\nkind: Cat\nmetadata: {name: patched}\nspec: {lives: ${maxInt64}, even: 0x7ffffffffffffffe}\n`
    expect(await patch(apply, text)).toContain(`"lives":${maxInt64},`)
    expect(await patch(merge, '{}')).toContain('"even":9223372036854775806')
  })

  it('are kept from YAML', async () => {
    const body = `apiVersion: pets.example.com/v1\nkind: Cat\nmetadata: {name: yaml}\nspec: {lives: ${large}, free: {a: -${maxInt64}, b: 18446744073709551615, c: 0.5}}\n`
    const { code, raw } = await test.call('POST', cats, { headers: yaml, body })
    expect([code, raw.toString()]).toEqual([
      201,
      expect.stringContaining(`"free":{"a":-${maxInt64},"b":18446744073709552000,"c":0.5}`),
    ])
  })

  it('are owned by their values', async () => {
    const body = (n: string): string => cat('owned', `{"set":[${large},1],"map":[{"id":${large},"n":${n}}]}`)
    const path = `${cats}/owned?fieldManager=`
    const first = await test.call('PATCH', `${path}a`, { headers: apply, body: body(large) })
    expect(first.raw.toString()).toContain(
      `{"f:map":{"k:{\\"id\\":${large}}":{".":{},"f:id":{},"f:n":{}}},"f:set":{"v:1":{},"v:${large}":{}}}`,
    )
    const same = await test.call('PATCH', `${path}b`, { headers: apply, body: body(large) })
    expect(same.code).toBe(200)
    const other = await test.call('PATCH', `${path}b`, { headers: apply, body: body('9007199254740992') })
    expect([other.code, messageOf(other)]).toEqual([
      409,
      `Apply failed with 1 conflict: conflict with "a": .spec.map[id=${large}].n`,
    ])
  })

  it.each([
    ['{"few":9007199254740001}', 'spec.few in body should be less than or equal to 9007199254740000'],
    [
      `{"few":${large}}`,
      `Invalid value: ${large}: spec.few in body should be less than or equal to 9007199254740000`,
    ],
    [`{"many":${large}}`, 'spec.many in body should be greater than or equal to 9007199254750000'],
    ['{"triple":9007199254740994}', 'spec.triple in body should be a multiple of 3'],
    ['{"one":9007199254740992}', `Unsupported value: 9007199254740992: supported values: "${large}", "1"`],
    [`{"short":${large}}`, 'Checked value must be of type integer with format int32 in spec.short'],
    [`{"name":${large}}`, 'spec.name in body must be of type string: "integer"'],
    [`{"flag":${large}}`, 'spec.flag in body must be of type boolean: "integer"'],
    [`{"set":[${large},1,${large}]}`, `spec.set[2]: Duplicate value: ${large}`],
    [`{"even":${large}}`, `spec: Invalid value: ${large} is odd`],
    ['{"lives":9223372036854775808}', 'spec.lives in body must be of type integer: "number"'],
    [
      `{"free":{"replicas":${large}}}`,
      `spec.free.replicas: Invalid value: ${large}: should be less than or equal to 2147483647`,
    ],
  ])('are judged: %s', async (spec, why) => {
    const reply = await create(spec)
    expect([reply.code, messageOf(reply)]).toEqual([422, expect.stringContaining(why)])
  })

  it.each([
    '{"triple":9007199254740993}',
    `{"one":${large}}`,
    `{"weight":${large}}`,
    `{"intOrString":${large}}`,
    '{"even":9007199254740994}',
  ])('are taken: %s', async (spec) => {
    const reply = await create(spec)
    expect([reply.code, specOf(reply)]).toEqual([201, `{"born":9007199254740995,${spec.slice(1)}`])
  })

  it('are kept in fields of built-in kinds', async () => {
    const revision = `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"r"},"data":{"n":${large}},"revision":${maxInt64}}`
    const created = await test.call('POST', '/apis/apps/v1/namespaces/default/controllerrevisions', {
      body: revision,
    })
    expect(created.raw.toString()).toContain(`"data":{"n":${large}},"revision":${maxInt64}}`)
    const pod = `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}],"terminationGracePeriodSeconds":${maxInt64},"tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":${large}}]}}`
    const path = '/api/v1/namespaces/default/pods'
    const { raw } = await test.call('POST', path, { body: pod })
    expect(raw.toString()).toContain(`"terminationGracePeriodSeconds":${maxInt64}`)
    expect(raw.toString()).toContain(`"tolerationSeconds":${large}`)
    const labelled = await test.call('PATCH', `${path}/p`, {
      headers: strategic,
      body: '{"metadata":{"labels":{"a":"b"}}}',
    })
    expect(labelled.raw.toString()).toContain(`"terminationGracePeriodSeconds":${maxInt64}`)
    const protobuf = await test.call('GET', `${path}/p`, {
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
    })
    const again = await test.call('PUT', `${path}/p`, {
      body: protobuf.raw,
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
    })
    expect([again.code, again.raw.toString()]).toEqual([
      200,
      expect.stringContaining(`"tolerationSeconds":${large}`),
    ])
    const wrong = await test.call('POST', path, { body: pod.replace(maxInt64, '9223372036854775808') })
    expect(wrong.code).toBe(400)
    const short = await test.call('PATCH', `${path}/p`, {
      headers: strategic,
      body: `{"spec":{"priority":${large}}}`,
    })
    expect(messageOf(short)).toContain('cannot convert int64 to int32')
  })
})
