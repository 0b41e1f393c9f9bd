import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { AnyObject } from '../testing/test-kinds.ts'
import { problemsOf, started, widgetSpec } from './testing/custom-cluster.ts'

describe('custom resources', () => {
  it('refuses values of any shape by what is wrong with them', async () => {
    const cluster = await started()
    const names = Object.keys((parse(widgetSpec) as AnyObject).properties)
    const shapes = [{}, [], 'x', 1, 1.5, true, null, [[]], [1], [null], { a: [] }]
    for (const name of names) {
      for (const [index, shape] of shapes.entries()) {
        await cluster
          .create({ [name]: shape }, `${name.toLowerCase()}-${index}`)
          .catch((error: AnyObject) => {
            if (error.status?.code !== 422) throw error
          })
      }
    }
  })

  it('are pruned, with a warning, and defaulted', async () => {
    const cluster = await started()
    const { spec } = await cluster.create({
      text: 'abc',
      unknown: 1,
      maybe: null,
      flag: null,
      nested: { other: true },
      parts: [{ name: 'a', extra: 1 }],
      free: { anything: { goes: [1] }, known: { pruned: 1 } },
      labels: { a: 'b' },
    })
    expect(spec).toEqual({
      text: 'abc',
      maybe: null,
      nested: { deep: 7 },
      parts: [{ name: 'a' }],
      free: { anything: { goes: [1] }, known: {} },
      labels: { a: 'b' },
      size: 'medium',
    })
    expect(cluster.warnings).toEqual([
      'unknown field "spec.free.known.pruned"',
      'unknown field "spec.nested.other"',
      'unknown field "spec.parts[0].extra"',
      'unknown field "spec.unknown"',
    ])
  })

  it('lose a member that would be the prototype, where everything else is kept too', async () => {
    const cluster = await started()
    const evil = '{"__proto__":{"polluted":true},"a":"b"}'
    const spec = JSON.parse(`{"free":${evil},"labels":{"__proto__":"x","a":"b"}}`) as AnyObject
    const made = await cluster.create(spec)
    expect(JSON.stringify(made.spec.free)).toBe('{"a":"b"}')
    expect(Object.getPrototypeOf(made.spec.free)).toBe(Object.prototype)
    expect(made.spec.free.polluted).toBeUndefined()
    expect(made.spec.labels).toEqual({ a: 'b' })
    expect(cluster.warnings).toEqual([
      'unknown field "spec.free.__proto__"',
      'unknown field "spec.labels.__proto__"',
    ])
  })

  it.each<[string, AnyObject, string[]]>([
    [
      'a wrong type',
      { count: 'x' },
      ['spec.count: Invalid value: "string": spec.count in body must be of type integer: "string"'],
    ],
    [
      'a fraction for an integer',
      { count: 2.5 },
      [
        'spec.count: Invalid value: "number": spec.count in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.count',
        'spec.count: Invalid value: 2.5: spec.count in body should be a multiple of 2',
      ],
    ],
    [
      'an enumeration',
      { color: 'pink' },
      ['spec.color: Unsupported value: "pink": supported values: "red", "green"'],
    ],
    [
      'a pattern',
      { text: 'A1' },
      [`spec.text: Invalid value: "A1": spec.text in body should match '^[a-z]+$'`],
    ],
    [
      'too short',
      { text: 'a' },
      ['spec.text: Invalid value: "a": spec.text in body should be at least 2 chars long'],
    ],
    ['too long', { text: 'abcde' }, ['spec.text: Too long: may not be more than 4 bytes']],
    [
      'a minimum',
      { count: 0 },
      ['spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1'],
    ],
    [
      'a maximum',
      { count: 12 },
      ['spec.count: Invalid value: 12: spec.count in body should be less than or equal to 10'],
    ],
    [
      'exclusive bounds',
      { ratio: 1 },
      ['spec.ratio: Invalid value: 1: spec.ratio in body should be less than 1'],
    ],
    [
      'multiples',
      { count: 3 },
      ['spec.count: Invalid value: 3: spec.count in body should be a multiple of 2'],
    ],
    [
      'int or string',
      { port: true },
      ['spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
    ],
    [
      'too few items',
      { list: [] },
      ['spec.list: Invalid value: 0: spec.list in body should have at least 1 items'],
    ],
    ['too many items', { list: ['a', 'b', 'c'] }, ['spec.list: Too many: 3: must have at most 2 items']],
    [
      'items',
      { list: ['a', 1] },
      ['spec.list[1]: Invalid value: "integer": spec.list[1] in body must be of type string: "integer"'],
    ],
    ['sets', { set: ['a', 'b', 'a'] }, ['spec.set[2]: Duplicate value: "a"']],
    [
      'map lists',
      { parts: [{ name: 'a' }, { name: 'a' }] },
      ['spec.parts[1]: Duplicate value: {"name":"a"}'],
    ],
    ['required members', { parts: [{ weight: 1 }] }, ['spec.parts[0].name: Required value']],
    [
      'values of maps',
      { labels: { a: 1 } },
      ['spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"'],
    ],
    [
      'too many members',
      { labels: { a: '', b: '', c: '' } },
      ['spec.labels: Too many: 3: must have at most 2 items'],
    ],
    [
      'date-times',
      { when: 'now' },
      ['spec.when: Invalid value: "now": spec.when in body must be of type date-time: "now"'],
    ],
    [
      'addresses',
      { address: '::1' },
      ['spec.address: Invalid value: "::1": spec.address in body must be of type ipv4: "::1"'],
    ],
    [
      'links',
      { link: 'no link' },
      ['spec.link: Invalid value: "no link": spec.link in body must be of type uri: "no link"'],
    ],
    [
      'embedded objects',
      { embedded: { kind: '' } },
      [
        'spec.embedded.apiVersion: Required value',
        'spec.embedded.kind: Invalid value: "": must not be empty',
      ],
    ],
    [
      'oneOf, none',
      { either: {} },
      [
        '<nil>: Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found none valid',
        'spec.either.a: Required value',
      ],
    ],
    [
      'oneOf, both',
      { either: { a: '', b: '' } },
      [
        '<nil>: Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      'anyOf',
      { some: 5 },
      [
        '<nil>: Invalid value: "": "spec.some" must validate at least one schema (anyOf)',
        'spec.some: Invalid value: 5: spec.some in body should be greater than or equal to 10',
      ],
    ],
    [
      'allOf',
      { both: 4 },
      [
        'spec.both: Invalid value: 4: spec.both in body should be a multiple of 5',
        '<nil>: Invalid value: "": "spec.both" must validate all the schemas (allOf)',
      ],
    ],
    ['not', { never: 'bad' }, ['<nil>: Invalid value: "": "spec.never" must not validate the schema (not)']],
    [
      'several at once',
      { count: 0, text: 'a' },
      [
        'spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1',
        'spec.text: Invalid value: "a": spec.text in body should be at least 2 chars long',
      ],
    ],
  ])('are checked: %s', async (_what, spec, problems) => {
    const cluster = await started()
    expect((await problemsOf(cluster.create(spec))).sort()).toEqual([...problems].sort())
  })

  it('accepts what fits', async () => {
    const cluster = await started()
    const spec = {
      text: 'abc',
      count: 4,
      ratio: 0.5,
      port: '80%',
      when: '2026-01-01T00:00:00.5+01:00',
      address: '10.0.0.1',
      link: 'https://example.com/x',
      either: { b: 'x' },
      some: 1,
      both: 10,
      embedded: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', bogus: 1 }, spec: {} },
    }
    const object = await cluster.create(spec)
    expect(object.spec).toMatchObject({ ...spec, embedded: { metadata: { name: 'x' } } })
    expect(object.spec.embedded.metadata).not.toHaveProperty('bogus')
  })
})
