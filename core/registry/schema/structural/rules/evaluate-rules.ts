import type { FieldError } from '../../../../api/status.ts'
import { runtimeCostBudget } from '../../../../cel/compile.ts'
import { none } from '../../../../cel/values/value.ts'
import { jsonEqual } from '../../../json-equal.ts'
import { formatPath, mapValuePath } from '../../decode-error.ts'
import type { Schema, ValidationRule } from '../../schema.ts'
import { isObject } from '../value-rules.ts'
import type { CompiledRule } from './compile-rule.ts'
import type { RuleNode } from './rule-tree.ts'

/** The longest message that an expression may make. */
const maxMessageBytes = 5 * 1024
const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run'
const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

/** Ends an evaluation whose rules have cost all they may. */
class BudgetSpent extends Error {}

/** What a check of rules goes by as it walks an object. */
interface Walk {
  errors: FieldError[]
  /** What may still be spent. */
  budget: number
  warn: ((message: string) => void) | undefined
}

/** Where a value stands in the object, and what it was before. */
interface Place {
  path: readonly (string | number)[]
  /** Undefined where the value has no counterpart. */
  old: unknown
  /** Whether the value is what it was: then only what compares it with the past is judged. */
  isUnchanged: () => boolean
}

const never = (): boolean => false

/**
 * Every rule that an object breaks (upstream: apiserver/schema/cel/validation.go). `found` are the problems seen so far:
 * an object of the wrong shape is not evaluated. `warn` is told of rules that only what an update leaves alone breaks.
 */
export function evaluateRules(
  tree: RuleNode,
  object: unknown,
  { old, found, warn }: { old: unknown; found: FieldError[]; warn?: ((message: string) => void) | undefined },
): FieldError[] {
  if (found.some(({ type }) => blocking.has(type))) {
    const why =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'
    return [{ type: 'FieldValueInvalid', field: '<nil>', message: `Invalid value: null: ${why}` }]
  }
  const walk: Walk = { errors: [], budget: runtimeCostBudget, warn }
  try {
    walkValue(walk, tree, object, {
      path: [],
      old,
      isUnchanged: old === undefined ? never : () => jsonEqual(object, old),
    })
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error
  }
  return walk.errors
}

function walkValue(walk: Walk, node: RuleNode, value: unknown, place: Place): void {
  if (value === null || value === undefined) return
  for (const rule of node.rules) evaluateRule(walk, { node, rule, value, place })
  for (const one of node.allOf) walkValue(walk, one, value, { ...place, isUnchanged: never })
  if (Array.isArray(value)) walkItems(walk, node, value, place)
  else if (isObject(value)) walkMembers(walk, node, value, place)
}

function walkMembers(walk: Walk, node: RuleNode, value: Record<string, unknown>, place: Place): void {
  const old = isObject(place.old) ? place.old : undefined
  for (const [name, member] of Object.entries(value)) {
    const property = node.properties.get(name)
    const inner = property ?? node.additional
    if (!inner) continue
    const before = old && Object.hasOwn(old, name) ? old[name] : undefined
    const path = property ? [...place.path, name] : mapValuePath(place.path, name)
    walkValue(walk, inner, member, placeOf(place, { path, value: member, before }))
  }
}

function walkItems(walk: Walk, { items, schema }: RuleNode, values: unknown[], place: Place): void {
  if (!items) return
  const oldItems = Array.isArray(place.old) ? (place.old as unknown[]) : []
  // Only items of a map list can be told from one another.
  const byKey =
    schema['x-kubernetes-list-type'] === 'map'
      ? new Map(oldItems.map((item) => [listKey(schema, item), item]))
      : undefined
  for (const [index, value] of values.entries()) {
    const before = byKey?.get(listKey(schema, value))
    walkValue(walk, items, value, placeOf(place, { path: [...place.path, index], value, before }))
  }
}

function placeOf(
  parent: Place,
  { path, value, before }: { path: Place['path']; value: unknown; before: unknown },
): Place {
  const isUnchanged = before === undefined ? parent.isUnchanged : (): boolean => jsonEqual(value, before)
  return { path, old: before, isUnchanged }
}

function listKey(schema: Schema, item: unknown): string {
  return isObject(item)
    ? JSON.stringify((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => item[key]))
    : ''
}

interface Judged {
  node: RuleNode
  rule: CompiledRule
  value: unknown
  place: Place
}

function evaluateRule(walk: Walk, judged: Judged): void {
  const { node, rule, value, place } = judged
  const field = formatPath(place.path)
  const fail = (why: string): void => {
    const shown = JSON.stringify(node.schema.type ?? '')
    walk.errors.push({
      type: 'FieldValueInvalid',
      field: field || '<nil>',
      message: `Invalid value: ${shown}: ${why}`,
    })
  }
  if (rule.error) return fail(`rule compile error: ${rule.error}`)
  if (!rule.program) return
  if (rule.usesOldSelf && place.old === undefined && !rule.rule.optionalOldSelf) return
  const variables = { self: value, oldSelf: oldSelfOf(rule, place.old) }
  const result = rule.program.evaluate(variables)
  walk.budget -= result.cost
  if (walk.budget < 0) {
    fail(outOfBudget)
    throw new BudgetSpent()
  }
  const text = ruleText(rule.rule)
  if ('error' in result) {
    if (result.isOverBudget) {
      fail(
        `'${result.error}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`,
      )
      throw new BudgetSpent()
    }
    if (!result.error.startsWith('no such overload')) return fail(`${result.error} evaluating rule: ${text}`)
    const why = 'call arguments did not match a supported operator, function or macro signature for rule'
    return fail(`'${result.error}': ${why}: ${text}`)
  }
  if (result.value === true) return
  const detail = messageOf(walk, { rule, variables, fail }) ?? defaultMessage(rule.rule)
  const error = ruleError(judged, field, detail)
  // What an update leaves as it was is not refused.
  if (!rule.usesOldSelf && place.isUnchanged()) walk.warn?.(`${error.field}: ${error.message}`)
  else walk.errors.push(error)
}

/** The value before, as rules see it. */
function oldSelfOf(rule: CompiledRule, old: unknown): unknown {
  // A value that is there is wrapped by its declared type.
  return rule.rule.optionalOldSelf && old === undefined ? none : old
}

function ruleText({ message, rule = '' }: ValidationRule): string {
  return (message || rule).trim()
}

function defaultMessage(rule: ValidationRule): string {
  return rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`
}

/** What the rule's messageExpression says; undefined when it says nothing that can be used. */
function messageOf(
  walk: Walk,
  { rule, variables, fail }: { rule: CompiledRule; variables: object; fail: (why: string) => void },
): string | undefined {
  if (!rule.messageProgram) return undefined
  const result = rule.messageProgram.evaluate(variables as Record<string, unknown>)
  walk.budget -= result.cost
  if (walk.budget < 0 || ('error' in result && result.isOverBudget)) {
    const shown = JSON.stringify(rule.rule.messageExpression)
    fail(
      walk.budget < 0
        ? 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run'
        : `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${shown}`,
    )
    throw new BudgetSpent()
  }
  if ('error' in result || typeof result.value !== 'string') return undefined
  const message = result.value.trim()
  const isUsable = message !== '' && !message.includes('\n') && Buffer.byteLength(message) <= maxMessageBytes
  return isUsable ? message : undefined
}

function ruleError({ node, rule, value }: Judged, at: string, detail: string): FieldError {
  const field = rule.fieldPath === undefined ? at : at === '' ? rule.fieldPath : joinPath(at, rule.fieldPath)
  const isWhole = node.schema.type === 'object' || node.schema.type === 'array'
  const shown = isWhole ? '' : `: ${JSON.stringify(value)}`
  switch (rule.rule.reason) {
    case 'FieldValueForbidden':
      return { type: 'FieldValueForbidden', field: field || '<nil>', message: `Forbidden: ${detail}` }
    case 'FieldValueRequired':
      return { type: 'FieldValueRequired', field: field || '<nil>', message: `Required value: ${detail}` }
    case 'FieldValueDuplicate':
      return { type: 'FieldValueDuplicate', field: field || '<nil>', message: `Duplicate value${shown}` }
    default:
      return {
        type: 'FieldValueInvalid',
        field: field || '<nil>',
        message: `Invalid value${shown}: ${detail}`,
      }
  }
}

function joinPath(at: string, below: string): string {
  return below.startsWith('[') ? `${at}${below}` : `${at}.${below}`
}
