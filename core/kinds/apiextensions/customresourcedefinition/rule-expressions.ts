import type { FieldError } from '../../../api/status.ts'
import type { CelType } from '../../../cel/cel-type.ts'
import { declaredType, maxRequestBytes } from '../../../cel/declared-type.ts'
import { escapeName } from '../../../cel/escaping.ts'
import { compileRules } from '../../../registry/schema/structural/rules/compile-rule.ts'
import type { CompiledRule } from '../../../registry/schema/structural/rules/compile-rule.ts'
import type { Schema } from '../../../registry/schema/schema.ts'
import { forbiddenField, invalidValue } from '../../../api/field-errors.ts'
import { internalForm } from '../../validation/internal-form.ts'
import type { CrdSchema } from './crd.ts'

/** What one expression may cost by estimate (upstream: StaticEstimatedCostLimit). */
const expressionLimit = 10_000_000
/** What all expressions of a schema may cost together (upstream: StaticEstimatedCRDCostLimit). */
const schemaLimit = 100_000_000

/** Where a schema stands, and what that means for rules. */
interface Place {
  path: string
  type: CelType | undefined
  /** How many values of it one object may hold; undefined where nothing bounds that. */
  count: number | undefined
  /** The list above whose items cannot be told from one another. */
  uncorrelated?: string
}

interface Found {
  errors: FieldError[]
  costs: { field: string; cost: number }[]
}

/**
 * Compiles the rules of a structural schema and estimates what they may cost (upstream: apiextensions/validation
 * ValidateCustomResourceDefinitionOpenAPISchema).
 */
export function validateRuleExpressions(schema: CrdSchema, path: string): FieldError[] {
  const found: Found = { errors: [], costs: [] }
  const type = declaredType(schema as Schema, { isResourceRoot: true, name: 'selfType' })
  visit(found, schema, { path, type, count: 1 })
  const total = found.costs.reduce((sum, { cost }) => sum + cost, 0)
  if (total <= schemaLimit) return found.errors
  const expensive = found.costs.filter(({ cost }) => cost >= schemaLimit / 100)
  expensive.sort((a, b) => b.cost - a.cost)
  const why = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
  return [
    ...found.errors,
    ...expensive.slice(0, 4).map(({ field }) => forbiddenField(field, why)),
    forbiddenField(path, tooExpensive(name, total, schemaLimit)),
  ]
}

function tooExpensive(name: string, cost: number, limit: number): string {
  const factor = cost / limit
  const shown = factor > 100 ? 'more than 100' : factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1)
  return `${name} exceeds budget by factor of ${shown}x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}

function visit(found: Found, schema: CrdSchema, place: Place): void {
  for (const [index, compiled] of compileRules(schema as Schema, place.type).entries()) {
    judge(found, compiled, { ...place, path: `${place.path}.x-kubernetes-validations[${index}]` })
  }
  const { items, properties = {}, additionalProperties: additional } = schema
  const { path, type, uncorrelated } = place
  for (const [name, property] of Object.entries(properties)) {
    const at = { ...place, path: `${path}.properties[${name}]` }
    visit(found, property, { ...at, type: fieldType(type, name) })
  }
  const element = type?.kind === 'list' ? type.element : type?.kind === 'map' ? type.value : undefined
  if (typeof additional === 'object') {
    const count = times(place.count, schema.maxProperties)
    visit(found, additional, { ...place, path: `${path}.additionalProperties`, type: element, count })
  }
  if (!items) return
  const isMapList = schema['x-kubernetes-list-type'] === 'map'
  const above = uncorrelated ?? (isMapList ? undefined : path)
  visit(found, items, {
    path: `${path}.items`,
    type: element,
    count: times(place.count, schema.maxItems),
    ...(above !== undefined && { uncorrelated: above }),
  })
}

function times(count: number | undefined, bound: number | undefined): number | undefined {
  return count === undefined || bound === undefined ? undefined : count * Math.max(0, Number(bound))
}

function fieldType(type: CelType | undefined, name: string): CelType | undefined {
  const escaped = escapeName(name)
  return type?.kind === 'object' && escaped !== undefined ? type.fields.get(escaped)?.type : undefined
}

function judge(found: Found, compiled: CompiledRule, { path, type, count, uncorrelated }: Place): void {
  const { rule, program, messageProgram } = compiled
  const { errors, costs } = found
  const shown = internalForm('apiextensions.ValidationRule', rule)
  if (program) {
    const most = count ?? Math.floor(maxRequestBytes / ((type?.minSerializedSize ?? 0) + 1))
    const cost = program.estimateCost().max * most
    costs.push({ field: `${path}.rule`, cost })
    if (cost > expressionLimit)
      errors.push(forbiddenField(`${path}.rule`, tooExpensive('estimated rule cost', cost, expressionLimit)))
  }
  if (compiled.error) errors.push(invalidValue(`${path}.rule`, shown, compiled.error))
  if (compiled.messageError)
    errors.push(invalidValue(`${path}.messageExpression`, shown, compiled.messageError))
  if (messageProgram) {
    const cost = messageProgram.estimateCost().max
    const field = `${path}.messageExpression`
    costs.push({ field, cost })
    if (cost > expressionLimit)
      errors.push(
        forbiddenField(field, tooExpensive('estimated messageExpression cost', cost, expressionLimit)),
      )
  }
  if (compiled.usesOldSelf && uncorrelated !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`
    errors.push(invalidValue(`${path}.rule`, rule.rule, why))
  } else if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined) {
    const why = 'may not be set if oldSelf is not used in rule'
    errors.push(invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, why))
  }
}
