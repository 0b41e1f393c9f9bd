import { runtimeCostBudget } from '../../../cel/compile.ts'
import { BudgetSpent, createActivation, type Activation } from '../../expressions/activation.ts'
import type { CompiledPolicy, CompiledValidation } from './compile-policy.ts'

/** Something that a policy has against a request. */
export interface Denial {
  message: string
  /** Of the Status, e.g. `Forbidden`; undefined where the policy could not be evaluated. */
  reason?: string
  /** Which validation it is. */
  index: number
}

/** What a policy says of a request. */
export interface Verdict {
  denials: Denial[]
  /** For the audit log, by key. */
  annotations: [key: string, value: string][]
  /** What went wrong with annotations; each denies, whatever the binding's actions are. */
  annotationErrors: string[]
}

const maxMessageBytes = 5 * 1024

/**
 * Evaluates a policy (upstream: plugin/policy/validating/validator.go). What cannot be evaluated denies, unless
 * failurePolicy is Ignore.
 */
export function evaluatePolicy(policy: CompiledPolicy, inputs: Record<string, unknown>): Verdict {
  const nothing: Verdict = { denials: [], annotations: [], annotationErrors: [] }
  const failed = (message: string): Verdict =>
    policy.isIgnoringFailures ? nothing : { ...nothing, denials: [{ message, index: 0 }] }
  const conditions = policy.conditions?.match(inputs)
  if (conditions?.error !== undefined) return failed(conditions.error)
  if (conditions && !conditions.matches) return nothing
  try {
    const activation = createActivation(inputs, policy.variables, runtimeCostBudget)
    const denials = evaluateValidations(policy, activation)
    return { ...nothing, denials, ...evaluateAnnotations(policy, inputs) }
  } catch (error) {
    if (error instanceof BudgetSpent) return failed(error.message)
    throw error
  }
}

function evaluateValidations(policy: CompiledPolicy, activation: Activation): Denial[] {
  const outcomes = policy.validations.map((one) => ({ ...one, ...activation.evaluate(one.rule) }))
  const denials: Denial[] = []
  for (const [index, { validation, message, value, error }] of outcomes.entries()) {
    if (error !== undefined) {
      if (!policy.isIgnoringFailures) denials.push({ message: error, index })
      continue
    }
    if (value === true) continue
    const said = messageOf(activation, message)
    if ('failure' in said) {
      const why = `failed messageExpression: ${said.failure}`
      if (!policy.isIgnoringFailures) denials.push({ message: why, index })
      continue
    }
    const text =
      said.text || validation.message?.trim() || `failed expression: ${validation.expression.trim()}`
    denials.push({ message: text, reason: validation.reason ?? 'Invalid', index })
  }
  return denials
}

/** What a messageExpression says; nothing where that cannot be shown. */
function messageOf(
  activation: Activation,
  message: CompiledValidation['message'],
): { text: string | undefined } | { failure: string } {
  if (!message) return { text: undefined }
  try {
    const { value } = activation.evaluate(message)
    if (typeof value !== 'string') return { text: undefined }
    const text = value.trim()
    const isUsable = !text.includes('\n') && Buffer.byteLength(text) <= maxMessageBytes
    return { text: isUsable ? text : undefined }
  } catch (error) {
    if (error instanceof BudgetSpent) return { failure: error.message }
    throw error
  }
}

function evaluateAnnotations(
  { annotations, variables, isIgnoringFailures }: CompiledPolicy,
  inputs: Record<string, unknown>,
): Pick<Verdict, 'annotations' | 'annotationErrors'> {
  const found: Verdict['annotations'] = []
  const annotationErrors: string[] = []
  if (annotations.length === 0) return { annotations: found, annotationErrors }
  const activation = createActivation(inputs, variables, runtimeCostBudget)
  for (const { key, value: expression } of annotations) {
    const { value, error } = activation.evaluate(expression)
    if (error !== undefined) {
      if (!isIgnoringFailures) annotationErrors.push(error)
    } else if (typeof value === 'string' && value.trim() !== '') found.push([key, value.trim()])
    else if (typeof value !== 'string' && value !== null) {
      annotationErrors.push(
        `valueExpression '${expression.expression}' resulted in unsupported return type: ${typeof value}. Return type must be either string or null.`,
      )
    }
  }
  return { annotations: found, annotationErrors }
}
