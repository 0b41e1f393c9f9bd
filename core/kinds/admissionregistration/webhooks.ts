import type {
  MutatingWebhook,
  RuleWithOperations,
  ValidatingWebhook,
} from '../../api/generated/admissionregistration-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import type { Column } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateFullyQualifiedName } from '../validation/domain-names.ts'
import { duplicate, invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkDns1035Label } from '../validation/formats.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { validateMatchConditions } from './match-conditions.ts'
import { validateRule } from './rule-validation.ts'
import { validateWebhookClient } from '../validation/webhook-client.ts'
import { expressions, selectorValues } from '../validation/tolerated.ts'
import { repeats } from '../validation/repeats.ts'

/** What a stored webhook keeps (upstream: ValidateValidatingWebhookConfigurationUpdate). */
export const webhookTolerances: readonly RegExp[] = [
  selectorValues,
  expressions,
  /^webhooks\[\d+\]\.(?:admissionReviewVersions|sideEffects|name)$/,
]

/** Either kind of webhook; only a mutating one can be called again. */
export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>

const failurePolicies = ['Fail', 'Ignore']
const matchPolicies = ['Equivalent', 'Exact']
const sideEffects = ['None', 'NoneOnDryRun']
const reinvocationPolicies = ['IfNeeded', 'Never']
const reviewVersions = ['v1', 'v1beta1']
const httpsPort = 443

/** NAME, WEBHOOKS and AGE. */
export function webhookColumns<T extends KubeObject & { webhooks?: unknown[] }>(): Column<T>[] {
  return [
    nameColumn(),
    { name: 'Webhooks', type: 'integer', value: ({ webhooks }) => (webhooks ?? []).length },
    ageColumn(),
  ]
}

/** Defaults of one webhook (upstream: pkg/apis/admissionregistration/v1/defaults.go). */
export function defaultWebhook(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  defaultRules(webhook.rules)
  const { service } = webhook.clientConfig ?? {}
  if (service) service.port ??= httpsPort
}

/** Rules are about resources of either scope unless they say otherwise. */
export function defaultRules(rules: RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*'
}

/** The webhooks of a configuration (upstream: validateValidatingWebhookConfiguration and its mutating twin). */
export function validateWebhooks(webhooks: Webhook[], path: string): FieldError[] {
  const names = new Set<string>()
  return webhooks.flatMap((webhook, at) => {
    const where = `${path}[${at}]`
    const errors = [
      ...validateWebhook(webhook, where),
      ...validateReviewVersions(webhook.admissionReviewVersions ?? [], `${where}.admissionReviewVersions`),
    ]
    if (webhook.name && names.has(webhook.name)) errors.push(duplicate(`${where}.name`, webhook.name))
    names.add(webhook.name)
    return errors
  })
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const { rules = [], timeoutSeconds: timeout } = webhook
  const errors = validateFullyQualifiedName(webhook.name, `${path}.name`)
  for (const [at, rule] of rules.entries()) errors.push(...validateRule(rule, `${path}.rules[${at}]`))
  errors.push(...validateChoice(webhook.failurePolicy, failurePolicies, `${path}.failurePolicy`))
  errors.push(...validateChoice(webhook.matchPolicy, matchPolicies, `${path}.matchPolicy`))
  if (!webhook.sideEffects) {
    errors.push(required(`${path}.sideEffects`, `must specify one of ${sideEffects.join(', ')}`))
  } else errors.push(...validateChoice(webhook.sideEffects, sideEffects, `${path}.sideEffects`))
  if (timeout !== undefined && (timeout < 1 || timeout > 30)) {
    const why = 'the timeout value must be between 1 and 30 seconds'
    errors.push(invalidValue(`${path}.timeoutSeconds`, timeout, why))
  }
  errors.push(...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`))
  errors.push(...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`))
  errors.push(
    ...validateChoice(webhook.reinvocationPolicy, reinvocationPolicies, `${path}.reinvocationPolicy`),
  )
  errors.push(...validateWebhookClient(webhook.clientConfig, `${path}.clientConfig`))
  const conditions = webhook.matchConditions ?? []
  return [...errors, ...validateMatchConditions(conditions, false, `${path}.matchConditions`)]
}

/** A value of an enumeration, where one is given. */
export function validateChoice(value: string | undefined, all: string[], path: string): FieldError[] {
  return value === undefined || all.includes(value) ? [] : [notSupported(path, value, all)]
}

function validateReviewVersions(versions: string[], path: string): FieldError[] {
  const known = reviewVersions.join(', ')
  if (versions.length === 0) return [required(path, `must specify one of ${known}`)]
  const repeated = repeats(versions)
  const errors = versions.flatMap((version, at) =>
    repeated.has(at)
      ? [invalidValue(`${path}[${at}]`, version, 'duplicate version')]
      : invalidFor(`${path}[${at}]`, version, checkDns1035Label(version)),
  )
  if (versions.some((version) => reviewVersions.includes(version))) return errors
  return [...errors, invalidValue(path, versions, `must include at least one of ${known}`)]
}
