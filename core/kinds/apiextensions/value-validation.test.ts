import { describe, expect, it } from 'vitest'
import { createSchemaCompiler } from '../../registry/schema/kind-schema.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import { createNodeSource } from '../../registry/schema/build-nodes.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import { validateScaleSpec, validateScaleStatus } from './scale-validation.ts'

const compiler = createSchemaCompiler(createNodeSource(openApiFacts()))

function objectOf(content: object): never {
  return { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'a' }, ...content } as never
}

/** The problems of an object whose `spec.a` has this schema, as `field: message`. */
function problems(a: Schema, value: unknown, old?: unknown): string[] {
  const schema = compiler.compile({
    type: 'object',
    properties: { spec: { type: 'object', properties: { a } } },
  })
  const errors = schema.validate(objectOf({ spec: { a: value } }), {
    ...(old !== undefined && { old: objectOf({ spec: { a: old } }) }),
  })
  return errors.map(({ field, message }) => `${field}: ${message}`)
}

const type = (wanted: string, found: string): string =>
  `spec.a: Invalid value: "${found}": spec.a in body must be of type ${wanted}: "${found}"`
const notWhole = '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.a'
const noRule =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

describe('values under a structural schema', () => {
  it.each<[what: string, schema: Schema, value: unknown, problems: string[]]>([
    [
      'a text breaks one rule at a time',
      { type: 'string', minLength: 2, pattern: '^[a-z]+$' },
      'A',
      ['spec.a: Invalid value: "A": spec.a in body should be at least 2 chars long'],
    ],
    [
      'lengths are those in characters, however many units they take',
      { type: 'string', minLength: 2 },
      '\u{1f600}',
      ['spec.a: Invalid value: "\u{1f600}": spec.a in body should be at least 2 chars long'],
    ],
    ['as long as may be', { type: 'string', minLength: 2, maxLength: 2 }, '\u{1f600}\u{1f600}', []],
    [
      'of too long texts the length is told in bytes',
      { type: 'string', maxLength: 1 },
      'ab',
      ['spec.a: Too long: may not be more than 1 byte'],
    ],
    [
      'format and enumeration are judged all the same',
      { type: 'string', format: 'ipv4', maxLength: 3, enum: ['x'] },
      'abcdef',
      [
        'spec.a: Too long: may not be more than 3 bytes',
        'spec.a: Invalid value: "abcdef": spec.a in body must be of type ipv4: "abcdef"',
        'spec.a: Unsupported value: "abcdef": supported values: "x"',
      ],
    ],
    [
      'an enumeration is told of for wrong types too',
      { type: 'integer', enum: [1, 2] },
      '1',
      [type('integer', 'string'), 'spec.a: Unsupported value: "1": supported values: "1", "2"'],
    ],
    [
      'fractions are no integers, and are judged as numbers',
      { type: 'integer', minimum: 1, multipleOf: 2 },
      -0.5,
      [
        type('integer', 'number'),
        notWhole,
        'spec.a: Invalid value: -0.5: spec.a in body should be a multiple of 2',
        'spec.a: Invalid value: -0.5: spec.a in body should be greater than or equal to 1',
      ],
    ],
    [
      'int32 has 32 bits',
      { type: 'integer', format: 'int32' },
      2147483648,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a'],
    ],
    [
      'int64 has 64 bits',
      { type: 'integer', format: 'int64' },
      1e20,
      [
        type('int64', 'float64'),
        '<nil>: Invalid value: "": Checked value must be of type integer with format int64 in spec.a',
      ],
    ],
    [
      'float has 32 bits',
      { type: 'number', format: 'float' },
      1e39,
      ['<nil>: Invalid value: "": Checked value must be of type number with format float in spec.a'],
    ],
    [
      'a bound beyond the type is a problem of its own',
      { type: 'integer', format: 'int32', maximum: 5e9 },
      1,
      [
        '<nil>: Invalid value: "": Maximum boundary value must be of type integer with format int32 in spec.a',
      ],
    ],
    [
      'long fractions are shown as Go shows them',
      { type: 'number', maximum: 1 },
      123456789.123,
      ['spec.a: Invalid value: 1.23456789123e+08: spec.a in body should be less than or equal to 1'],
    ],
    [
      'int-or-string is no number beyond 64 bits',
      { 'x-kubernetes-int-or-string': true },
      1e20,
      [type('integer,string', 'number')],
    ],
    [
      'all of a composed schema is told',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      true,
      [
        type('integer,string', 'boolean'),
        '<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)',
        type('integer', 'boolean'),
      ],
    ],
    [
      'a number is no text with a format',
      { type: 'string', format: 'date-time' },
      5,
      [type('date-time', 'int64')],
    ],
    [
      'items that come often are told of once',
      { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      ['a', 'b', 'a', 'a', 'b'],
      ['spec.a[2]: Duplicate value: "a"', 'spec.a[4]: Duplicate value: "b"'],
    ],
    [
      'lists with keys are of objects',
      {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      ['x'],
      [
        'spec.a[0]: Invalid value: "string": spec.a[0] in body must be of type object: "string"',
        'spec.a[0]: Invalid value: "x": must be an object for an array of list-type map',
      ],
    ],
    [
      'embedded objects say what they are',
      { type: 'object', 'x-kubernetes-embedded-resource': true },
      { apiVersion: 'a/b/c', kind: 'K_' },
      [
        'spec.a.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        "spec.a.kind: Invalid value: \"K_\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    [
      'rules are not evaluated on what is wrong',
      { type: 'string', enum: ['x'], 'x-kubernetes-validations': [{ rule: 'false' }] },
      'y',
      ['spec.a: Unsupported value: "y": supported values: "x"', noRule],
    ],
  ])('%s', (_what, schema, value, expected) => {
    expect(problems(schema, value)).toEqual(expected)
  })

  it('judge the metadata of embedded objects', () => {
    const embedded: Schema = { type: 'object', 'x-kubernetes-embedded-resource': true }
    const [problem] = problems(embedded, { apiVersion: 'v1', kind: 'X', metadata: { labels: { '-': '' } } })
    expect(problem).toMatch(/^spec\.a\.metadata\.labels: Invalid value: "-": name part must consist of/)
  })

  it('let doubles stay where there were some before', () => {
    const set: Schema = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }
    expect(problems(set, ['a', 'a', 'b', 'b'], ['a', 'a'])).toEqual([])
    expect(problems(set, ['a', 'a'], ['a'])).toEqual(['spec.a[1]: Duplicate value: "a"'])
  })

  it('judge a status by itself', () => {
    const status: Schema = { type: 'object', properties: { x: { type: 'integer', minimum: 1 } } }
    const spec: Schema = { type: 'object', properties: { a: { type: 'string' } } }
    const schema = compiler.compile({ type: 'object', properties: { spec, status } })
    const of = (content: object): string[] =>
      schema
        .validate(objectOf(content), { old: objectOf({}), isStatus: true })
        .map(({ field, message }) => `${field}: ${message}`)
    expect(of({ spec: { a: 5 }, status: { x: 0 } })).toEqual([
      'status.x: Invalid value: 0: x in body should be greater than or equal to 1',
    ])
    expect(of({ status: 'x' })).toEqual([
      'status: Invalid value: "string":  in body must be of type object: "string"',
    ])
  })

  it('refuse malformed types of embedded objects where they come in, and leave them out of what is stored', () => {
    const embedded: Schema = { type: 'object', 'x-kubernetes-embedded-resource': true }
    const schema = compiler.compile({ type: 'object', properties: { embedded } })
    const given = (content: object): never => objectOf({ embedded: { kind: 'X', ...content } })
    expect(() => schema.decode(given({ apiVersion: 5 }))).toThrow(
      'embedded.apiVersion: Invalid value: 5: must be a string',
    )
    expect(() => schema.decode(given({ metadata: { name: 5 } }))).toThrow(
      'embedded.metadata: Invalid value: {"name":5}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string',
    )
    const { object } = schema.decode(given({ apiVersion: 5, metadata: { name: 5 } }), { isStored: true })
    expect(object).toMatchObject({ embedded: { kind: 'X' } })
    expect((object as { embedded?: object }).embedded).not.toHaveProperty('apiVersion')
  })
})

describe('the fields of a scale', () => {
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.sel',
  }
  const texts = (errors: { field: string; message: string }[]): string[] =>
    errors.map(({ field, message }) => `${field}: ${message}`)

  it.each<[content: object, problems: string[]]>([
    [{}, []],
    [{ spec: { replicas: -1 } }, ['.spec.replicas: Invalid value: -1: should be a non-negative integer']],
    [
      { spec: { replicas: 3e9 } },
      ['.spec.replicas: Invalid value: 3000000000: should be less than or equal to 2147483647'],
    ],
    [
      { spec: { replicas: 'x' } },
      [
        '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected int64',
      ],
    ],
    [
      { spec: { replicas: 1.5 } },
      [
        '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: 1.5 is of the type float64, expected int64',
      ],
    ],
    [
      { spec: 5 },
      [
        '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: 5 is of the type int64, expected map[string]interface{}',
      ],
    ],
  ])('that are asked for: %j', (content, expected) => {
    expect(texts(validateScaleSpec(objectOf(content), scale))).toEqual(expected)
  })

  it('that are there', () => {
    expect(texts(validateScaleStatus(objectOf({ status: { replicas: -3, sel: 5 } }), scale))).toEqual([
      '.status.replicas: Invalid value: -3: should be a non-negative integer',
      '.status.sel: Invalid value: "": .status.sel accessor error: 5 is of the type int64, expected string',
    ])
  })
})
