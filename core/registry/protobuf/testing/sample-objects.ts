import * as fc from 'fast-check'
import { goNameOfSchema, type ApiFacts } from '../../schema/api-facts.ts'
import type { Schema } from '../../schema/schema.ts'

/** Deeper members are left out. */
const maxDepth = 7

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
)
const key = fc.stringMatching(/^[a-z./-]{1,30}$/)
const number = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).filter((value) => value !== 0)
const second = fc.integer({ min: -60_000_000_000, max: 250_000_000_000 })
const time = second.map((value) => new Date(value * 1000).toISOString().replace('.000', ''))
const microTime = fc
  .tuple(second, fc.integer({ min: 0, max: 999_999 }))
  .map(([value, micros]) =>
    new Date(value * 1000).toISOString().replace('000Z', String(micros).padStart(6, '0') + 'Z'),
  )
const rawObject = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })

/** Types that are more than their schema says, by the end of their name. */
const special: Record<string, fc.Arbitrary<unknown>> = {
  Time: time,
  MicroTime: microTime,
  Quantity: fc.constantFrom('500m', '1Gi', '3', '-2'),
  IntOrString: fc.oneof(number, text),
  FieldsV1: rawObject,
  RawExtension: rawObject,
  JSON: fc.oneof(number, text, rawObject, fc.constant(false)),
}

/**
 * Objects of the built-in schemas, as Go would write them: what is there is not empty or zero, since the wire does not tell
 * zero from absent for everything. They fit the types and are otherwise nonsense.
 */
export function createSamples(facts: ApiFacts): (schemaName: string) => fc.Arbitrary<object> {
  const known = new Map<string, fc.Arbitrary<unknown>>()

  function named(name: string, depth: number): fc.Arbitrary<unknown> {
    const last = name.slice(name.lastIndexOf('.') + 1)
    if (Object.hasOwn(special, last)) return special[last]!
    if (last.startsWith('JSONSchemaPropsOr')) return union(name, last, depth)
    const at = `${name}@${depth}`
    let found = known.get(at)
    if (!found) {
      found = ofSchema(withoutTypeMeta(name), depth)
      known.set(at, found)
    }
    return found
  }
  /** Protobuf has the type of an object in its envelope, so that one within another has none. */
  function withoutTypeMeta(name: string): Schema {
    const schema = facts.schema(name)!
    const fields = facts.goStruct(goNameOfSchema(name))?.map(({ json }) => json)
    const isTypeMeta = (member: string): boolean =>
      (member === 'apiVersion' || member === 'kind') && fields?.includes(member) === false
    const properties = Object.entries(schema.properties ?? {}).filter(([member]) => !isTypeMeta(member))
    return { ...schema, properties: Object.fromEntries(properties) }
  }
  function union(name: string, last: string, depth: number): fc.Arbitrary<unknown> {
    const schema = named(name.replace(/PropsOr.*/, 'Props'), depth)
    switch (last) {
      case 'JSONSchemaPropsOrBool':
        return fc.oneof(fc.boolean(), schema)
      case 'JSONSchemaPropsOrArray':
        return fc.oneof(schema, fc.array(schema, { minLength: 1, maxLength: 2 }))
      default:
        return fc.oneof(schema, fc.array(text, { minLength: 1, maxLength: 2 }))
    }
  }
  function ofSchema(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    if (schema.$ref) return named(schema.$ref.replace('#/components/schemas/', ''), depth)
    if (schema.allOf) return ofSchema(schema.allOf[0]!, depth)
    switch (schema.type) {
      case 'string':
        return schema.format === 'byte'
          ? fc
              .uint8Array({ minLength: 1, maxLength: 20 })
              .map((bytes) => Buffer.from(bytes).toString('base64'))
          : text
      case 'integer':
        return schema.format === 'int64' ? fc.maxSafeInteger().filter((value) => value !== 0) : number
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0)
      case 'boolean':
        return fc.constant(true)
      case 'array':
        return fc.array(ofSchema(schema.items!, depth + 1), { minLength: 1, maxLength: 2 })
      default:
        return ofObject(schema, depth)
    }
  }
  function ofObject({ properties, additionalProperties }: Schema, depth: number): fc.Arbitrary<unknown> {
    if (typeof additionalProperties === 'object') {
      return fc.dictionary(key, ofSchema(additionalProperties, depth + 1), { minKeys: 1, maxKeys: 3 })
    }
    if (depth >= maxDepth) return fc.constant({})
    const members = Object.entries(properties ?? {}).map(
      ([name, schema]) => [name, ofSchema(schema, depth + 1)] as const,
    )
    return fc.record(Object.fromEntries(members), { requiredKeys: [] })
  }
  return (schemaName) => named(schemaName, 0) as fc.Arbitrary<object>
}
