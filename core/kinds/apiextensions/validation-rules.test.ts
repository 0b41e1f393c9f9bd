import { describe, expect, it } from 'vitest'
import { createSchemaCompiler } from '../../registry/schema/kind-schema.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import { createNodeSource } from '../../registry/schema/build-nodes.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import type { CrdSchema } from './customresourcedefinition/crd.ts'
import { validateSchema } from './customresourcedefinition/schema-validation.ts'

const compiler = createSchemaCompiler(createNodeSource(openApiFacts()))

/** The problems of an object whose spec has this schema, as `field: message`. */
function problems(spec: Schema, value: unknown, old?: unknown): string[] {
  const object = (one: unknown): never =>
    ({ apiVersion: 'a/v1', kind: 'A', metadata: { name: 'a' }, spec: one }) as never
  const schema = compiler.compile({ type: 'object', properties: { spec } })
  const errors = schema.validate(object(value), old === undefined ? {} : { old: object(old) })
  return errors.map(({ field, message }) => `${field}: ${message}`)
}

function definitionProblems(spec: CrdSchema): string[] {
  const schema: CrdSchema = { type: 'object', properties: { spec } }
  return validateSchema(schema, { path: 'schema', hasStatus: false }).map(
    ({ field, message }) => `${field}: ${message}`,
  )
}

const replicas: Schema = {
  type: 'object',
  properties: { min: { type: 'integer' }, max: { type: 'integer' }, name: { type: 'string', maxLength: 20 } },
  'x-kubernetes-validations': [{ rule: 'self.min <= self.max' }],
}

describe('rules of a custom resource', () => {
  it('refuse what breaks them, with the texts of upstream', () => {
    expect(problems(replicas, { min: 1, max: 2 })).toEqual([])
    expect(problems(replicas, { min: 3, max: 2 })).toEqual([
      'spec: Invalid value: failed rule: self.min <= self.max',
    ])
    expect(problems(replicas, { min: 3 })).toEqual([
      'spec: Invalid value: "object": no such key: max evaluating rule: self.min <= self.max',
    ])
  })

  it('say what their message, expression, reason and path tell', () => {
    const schema: Schema = {
      ...replicas,
      'x-kubernetes-validations': [
        {
          rule: 'self.min <= self.max',
          message: 'min is above max',
          reason: 'FieldValueForbidden',
          fieldPath: '.min',
        },
        { rule: 'self.max < 5', messageExpression: '"max is " + string(self.max)' },
      ],
    }
    expect(problems(schema, { min: 9, max: 8 })).toEqual([
      'spec.min: Forbidden: min is above max',
      'spec: Invalid value: max is 8',
    ])
  })

  it('name keys of maps in brackets, and print numbers as Go does', () => {
    const rule = { rule: 'self != "x"', messageExpression: 'string(1234567.5) + " " + string(100.5)' }
    const values: Schema = { type: 'string', 'x-kubernetes-validations': [rule] }
    expect(problems({ type: 'object', additionalProperties: values }, { 'c.d': 'x' })).toEqual([
      'spec[c.d]: Invalid value: "x": 1.2345675e+06 100.5',
    ])
  })

  it('are told as warnings where an update leaves alone what they judge', () => {
    const schema = compiler.compile({
      type: 'object',
      properties: { spec: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 9' }] } },
    })
    const object = { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'a' }, spec: 1 } as never
    const warnings: string[] = []
    expect(schema.validate(object, { old: object, warn: (text) => warnings.push(text) })).toEqual([])
    expect(warnings).toEqual(['spec: Invalid value: 1: failed rule: self > 9'])
  })

  it('show scalar values', () => {
    const schema: Schema = {
      type: 'object',
      properties: { n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 3' }] } },
    }
    expect(problems(schema, { n: 2 })).toEqual(['spec.n: Invalid value: 2: failed rule: self > 3'])
  })

  it('compare with the past only where there is one, and let stand what an update leaves alone', () => {
    const fixed: Schema = {
      type: 'object',
      properties: {
        n: {
          type: 'integer',
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'n is immutable' }],
        },
      },
    }
    expect(problems(fixed, { n: 1 })).toEqual([])
    expect(problems(fixed, { n: 2 }, { n: 1 })).toEqual(['spec.n: Invalid value: 2: n is immutable'])
    const schema: Schema = {
      type: 'object',
      properties: {
        a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 3' }] },
        b: { type: 'integer' },
      },
    }
    expect(problems(schema, { a: 1, b: 2 }, { a: 1, b: 1 })).toEqual([])
    expect(problems(schema, { a: 2, b: 2 }, { a: 1, b: 1 })).toEqual([
      'spec.a: Invalid value: 2: failed rule: self > 3',
    ])
  })

  it('under allOf are judged for what an update leaves alone too', () => {
    const rules = { 'x-kubernetes-validations': [{ rule: 'self > 3' }] }
    const schema: Schema = { type: 'object', properties: { n: { type: 'integer', allOf: [rules] } } }
    const refused = ['spec.n: Invalid value: 1: failed rule: self > 3']
    expect(problems(schema, { n: 1 }, { n: 1 })).toEqual(refused)
    expect(
      problems({ ...schema, properties: { n: { type: 'integer', ...rules } } }, { n: 1 }, { n: 1 }),
    ).toEqual([])
  })

  it('see an optional past when they ask for one', () => {
    const rule = { rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true }
    const schema: Schema = {
      type: 'object',
      properties: { n: { type: 'integer', 'x-kubernetes-validations': [rule] } },
    }
    expect(problems(schema, { n: 2 })).toHaveLength(1)
    expect(problems(schema, { n: 3 }, { n: 1 })).toEqual([])
  })

  it('are not evaluated on an object of the wrong shape', () => {
    expect(problems(replicas, { min: 'x', max: 2 }).at(-1)).toContain(
      'some validation rules were not checked',
    )
  })
})

describe('rules of a definition', () => {
  const rules = (...given: NonNullable<Schema['x-kubernetes-validations']>): CrdSchema =>
    ({ ...replicas, 'x-kubernetes-validations': given }) as CrdSchema
  const at = 'schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]'

  it('must compile and yield a boolean', () => {
    const [error] = definitionProblems(rules({ rule: 'self.mim > 0' }))
    expect(error).toContain(`${at}.rule: Invalid value: {"Rule":"self.mim \\u003e 0",`)
    expect(error).toContain(
      "compilation failed: ERROR: <input>:1:5: undefined field 'mim'\n | self.mim > 0\n | ....^",
    )
    expect(definitionProblems(rules({ rule: 'self.min' }))[0]).toContain(
      'cel expression must evaluate to a bool',
    )
    expect(definitionProblems(rules({ rule: 'self.min > 0', messageExpression: '1' }))[0]).toContain(
      `${at}.messageExpression: Invalid value`,
    )
  })

  it('must not cost too much at worst', () => {
    const list: CrdSchema = {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-validations': [{ rule: 'self.all(a, self.all(b, a != b))' }],
    }
    const [error] = definitionProblems({ type: 'object', properties: { list } })
    expect(error).toBe(
      'schema.openAPIV3Schema.properties[spec].properties[list].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    )
    const bounded: CrdSchema = { ...list, maxItems: 10, items: { type: 'string', maxLength: 10 } }
    expect(definitionProblems({ type: 'object', properties: { list: bounded } })).toEqual([])
  })

  it('use the past only where values can be told from one another', () => {
    const items: CrdSchema = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] }
    const list: CrdSchema = { type: 'array', maxItems: 5, items }
    expect(definitionProblems({ type: 'object', properties: { list } })[0]).toContain(
      'oldSelf cannot be used on the uncorrelatable portion of the schema within schema.openAPIV3Schema.properties[spec].properties[list]',
    )
    expect(definitionProblems(rules({ rule: 'self.min > 0', optionalOldSelf: true }))[0]).toContain(
      'may not be set if oldSelf is not used in rule',
    )
  })
})
