import { runtimeCostBudget } from '../../../cel/compile.ts'
import { BudgetSpent, createActivation, type Activation } from '../../expressions/activation.ts'
import { errorTypeOf, type PolicyErrorType } from '../policy-observer.ts'
import type { ConditionResult } from '../../expressions/match-conditions.ts'
import type { CompiledPolicy, CompiledValidation } from './compile-policy.ts'

/** Something that a policy has against a request. */
export interface Denial {
  message: string
  /** Of the Status, e.g. `Forbidden`; undefined where the policy could not be evaluated. */
  reason?: string
  /** Which validation it is. */
  index: number
  errorType: PolicyErrorType
  ms: number
}

/** What a policy says of a request. */
export interface Verdict {
  denials: Denial[]
  /** For the audit log, by key. */
  annotations: [key: string, value: string][]
  /** What went wrong with annotations; each denies, whatever the binding's actions are. */
  annotationErrors: { message: string; ms: number }[]
  /** What could not be evaluated and was let pass. */
  ignored: Pick<Denial, 'errorType' | 'ms'>[]
}

const maxMessageBytes = 5 * 1024

/**
 * Evaluates a policy (upstream: plugin/policy/validating/validator.go). What cannot be evaluated denies, unless
 * failurePolicy is Ignore. `observe` is given the evaluation of the match conditions.
 */
export function evaluatePolicy(
  policy: CompiledPolicy,
  inputs: Record<string, unknown>,
  observe: (evaluate: () => ConditionResult) => ConditionResult = (evaluate) => evaluate(),
): Verdict {
  const begin = performance.now()
  const nothing: Verdict = { denials: [], annotations: [], annotationErrors: [], ignored: [] }
  const failed = (message: string): Verdict => {
    const failure = { errorType: errorTypeOf(message), ms: performance.now() - begin }
    if (policy.isIgnoringFailures) return { ...nothing, ignored: [failure] }
    return { ...nothing, denials: [{ message, index: 0, ...failure }] }
  }
  const matcher = policy.conditions
  const conditions = matcher && observe(() => matcher.match(inputs))
  if (conditions?.error !== undefined) return failed(conditions.error)
  if (conditions && !conditions.matches) return nothing
  try {
    const activation = createActivation(inputs, policy.variables, runtimeCostBudget)
    return { ...evaluateValidations(policy, activation), ...evaluateAnnotations(policy, inputs) }
  } catch (error) {
    if (error instanceof BudgetSpent) return failed(error.message)
    throw error
  }
}

function evaluateValidations(
  policy: CompiledPolicy,
  activation: Activation,
): Pick<Verdict, 'denials' | 'ignored'> {
  const outcomes = policy.validations.map((one) => {
    const begin = performance.now()
    const outcome = activation.evaluate(one.rule)
    return { ...one, ...outcome, ms: performance.now() - begin }
  })
  const denials: Denial[] = []
  const ignored: Verdict['ignored'] = []
  for (const [index, { validation, message, value, error, ms }] of outcomes.entries()) {
    const fail = (why: string): void => {
      const failure = { errorType: errorTypeOf(why), ms }
      if (policy.isIgnoringFailures) ignored.push(failure)
      else denials.push({ message: why, index, ...failure })
    }
    if (error !== undefined) {
      fail(error)
      continue
    }
    if (value === true) continue
    const said = messageOf(activation, message)
    if ('failure' in said) {
      fail(`failed messageExpression: ${said.failure}`)
      continue
    }
    const text =
      said.text || validation.message?.trim() || `failed expression: ${validation.expression.trim()}`
    // Upstream counts what an expression denies as invalid: only admitting is no error.
    const reason = validation.reason ?? 'Invalid'
    denials.push({ message: text, reason, index, errorType: errorTypeOf(text), ms })
  }
  return { denials, ignored }
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
  const annotationErrors: Verdict['annotationErrors'] = []
  if (annotations.length === 0) return { annotations: found, annotationErrors }
  const activation = createActivation(inputs, variables, runtimeCostBudget)
  for (const { key, value: expression } of annotations) {
    const begin = performance.now()
    const { value, error } = activation.evaluate(expression)
    const ms = performance.now() - begin
    if (error !== undefined) {
      if (!isIgnoringFailures) annotationErrors.push({ message: error, ms })
    } else if (typeof value === 'string' && value.trim() !== '') found.push([key, value.trim()])
    else if (typeof value !== 'string' && value !== null) {
      const message = `valueExpression '${expression.expression}' resulted in unsupported return type: ${typeof value}. Return type must be either string or null.`
      annotationErrors.push({ message, ms })
    }
  }
  return { annotations: found, annotationErrors }
}
