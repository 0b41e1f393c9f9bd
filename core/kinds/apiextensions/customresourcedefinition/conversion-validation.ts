import type { CustomResourceConversion } from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../validation/field-errors.ts'
import { checkDns1035Label } from '../../validation/formats.ts'
import { validateWebhookClient } from '../../validation/webhook-client.ts'

const strategies = ['None', 'Webhook']
const reviewVersions = ['v1', 'v1beta1']

/** How objects are converted (upstream: apiextensions/validation validateCustomResourceConversion). */
export function validateConversion(conversion: CustomResourceConversion | undefined): FieldError[] {
  if (!conversion) return []
  const { strategy, webhook } = conversion
  // Upstream's internal type has these two outside of `webhook`, and its messages do too.
  const client = 'spec.conversion.webhookClientConfig'
  const field = 'spec.conversion.strategy'
  if (!strategy) return [required(field)]
  if (!strategies.includes(strategy)) return [notSupported(field, strategy, strategies)]
  if (strategy !== 'Webhook') {
    return webhook ? [forbiddenField(client, 'should not be set when strategy is not set to Webhook')] : []
  }
  const errors = webhook?.clientConfig
    ? validateWebhookClient(webhook.clientConfig, client)
    : [required(client, 'required when strategy is set to Webhook')]
  return [...errors, ...validateReviewVersions(webhook?.conversionReviewVersions ?? [])]
}

function validateReviewVersions(versions: readonly string[]): FieldError[] {
  const field = 'spec.conversion.conversionReviewVersions'
  if (versions.length === 0) return [required(field)]
  const errors: FieldError[] = []
  for (const [at, version] of versions.entries()) {
    const where = `${field}[${at}]`
    if (versions.indexOf(version) < at) errors.push(invalidValue(where, version, 'duplicate version'))
    errors.push(...checkDns1035Label(version).map((problem) => invalidValue(where, version, problem)))
  }
  if (!versions.some((version) => reviewVersions.includes(version))) {
    errors.push(invalidValue(field, versions, `must include at least one of ${reviewVersions.join(', ')}`))
  }
  return errors
}
