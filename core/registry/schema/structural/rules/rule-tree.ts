import type { CelType } from '../../../../cel/cel-type.ts'
import { declaredType } from '../../../../cel/declared-type.ts'
import { escapeName } from '../../../../cel/escaping.ts'
import type { Schema } from '../../schema.ts'
import { compileRules } from './compile-rule.ts'
import type { CompiledRule } from './compile-rule.ts'

/** The rules of a schema and of what is inside it, compiled; only where there are some. */
export interface RuleNode {
  schema: Schema
  rules: CompiledRule[]
  items: RuleNode | undefined
  additional: RuleNode | undefined
  properties: ReadonlyMap<string, RuleNode>
  allOf: RuleNode[]
}

/** The rules of a resource's schema; undefined when it has none (upstream: apiserver/schema/cel NewValidator). */
export function buildRuleTree(schema: Schema): RuleNode | undefined {
  if (!hasRules(schema)) return undefined
  return build(schema, schema, declaredType(schema, { isResourceRoot: true, name: 'selfType' }))
}

function hasRules(schema: Schema): boolean {
  const { items, properties = {}, additionalProperties: additional, allOf = [] } = schema
  return (
    (schema['x-kubernetes-validations'] ?? []).length > 0 ||
    [
      items,
      typeof additional === 'object' ? additional : undefined,
      ...Object.values(properties),
      ...allOf,
    ].some((inner) => inner !== undefined && hasRules(inner))
  )
}

/** `schema` has the rules and `spine` the structure: they differ inside an `allOf`. */
function build(schema: Schema, spine: Schema, type: CelType | undefined): RuleNode | undefined {
  const node: RuleNode = {
    schema: spine,
    rules: compileRules(
      { ...spine, 'x-kubernetes-validations': schema['x-kubernetes-validations'] ?? [] },
      type,
    ),
    items: schema.items && spine.items && build(schema.items, spine.items, elementOf(type)),
    additional: additionalOf(schema, spine, type),
    properties: propertiesOf(schema, spine, type),
    allOf: (schema.allOf ?? []).flatMap((one) => build(one, spine, type) ?? []),
  }
  const { rules, items, additional, properties, allOf } = node
  const isEmpty = rules.length === 0 && !items && !additional && properties.size === 0 && allOf.length === 0
  return isEmpty ? undefined : node
}

function elementOf(type: CelType | undefined): CelType | undefined {
  if (type?.kind === 'list') return type.element
  return type?.kind === 'map' ? type.value : undefined
}

function additionalOf(schema: Schema, spine: Schema, type: CelType | undefined): RuleNode | undefined {
  const [own, other] = [schema.additionalProperties, spine.additionalProperties]
  return typeof own === 'object' && typeof other === 'object' ? build(own, other, elementOf(type)) : undefined
}

function propertiesOf(schema: Schema, spine: Schema, type: CelType | undefined): Map<string, RuleNode> {
  const nodes = new Map<string, RuleNode>()
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const inner =
      spine.properties && Object.hasOwn(spine.properties, name) ? spine.properties[name] : undefined
    const innerType = inner && propertyType(type, name, inner)
    const node = innerType && build(property, inner, innerType)
    if (node) nodes.set(name, node)
  }
  return nodes
}

/** The type of a field; one whose name cannot be written in an expression still has rules of its own. */
function propertyType(type: CelType | undefined, name: string, schema: Schema): CelType | undefined {
  const escaped = escapeName(name)
  if (escaped === undefined)
    return declaredType(schema, { isResourceRoot: schema['x-kubernetes-embedded-resource'] === true })
  return type?.kind === 'object' ? type.fields.get(escaped)?.type : undefined
}
