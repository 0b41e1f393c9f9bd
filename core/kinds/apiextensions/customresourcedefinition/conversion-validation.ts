import type { CustomResourceConversion } from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { checkDns1035Label } from '../../validation/formats.ts'
import { validateWebhookClient } from '../../validation/webhook-client.ts'
import { repeats } from '../../validation/repeats.ts'

const strategies = ['None', 'Webhook']
const reviewVersions = ['v1', 'v1beta1']

// Upstream's internal type has these two outside of `webhook`, and its messages do too.
const client = 'spec.conversion.webhookClientConfig'
const reviews = 'spec.conversion.conversionReviewVersions'

/** How objects are converted (upstream: apiextensions/validation validateCustomResourceConversion). */
export function validateConversion(
  conversion: CustomResourceConversion | undefined,
  { allowInvalidBundle }: { allowInvalidBundle: boolean },
): FieldError[] {
  if (!conversion) return []
  const { strategy, webhook } = conversion
  const errors = validateStrategy(strategy)
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook'
    if (webhook?.clientConfig) errors.push(forbiddenField(client, why))
    if (webhook?.conversionReviewVersions?.length) errors.push(forbiddenField(reviews, why))
    return errors
  }
  if (webhook?.clientConfig) {
    errors.push(...validateWebhookClient(webhook.clientConfig, client))
    if (!allowInvalidBundle)
      errors.push(...validateBundle(webhook.clientConfig.caBundle, `${client}.caBundle`))
  } else {
    errors.push(required(client, 'required when strategy is set to Webhook'))
  }
  return [...errors, ...validateReviewVersions(webhook?.conversionReviewVersions ?? [])]
}

function validateStrategy(strategy: string): FieldError[] {
  const field = 'spec.conversion.strategy'
  if (!strategy) return [required(field)]
  return strategies.includes(strategy) ? [] : [notSupported(field, strategy, strategies)]
}

/** A bundle of certificates, in base64, must hold one at least. */
export function validateBundle(bundle: string | undefined, field: string): FieldError[] {
  if (!bundle) return []
  const text = Buffer.from(bundle, 'base64').toString('latin1')
  if (/-----BEGIN CERTIFICATE-----\s[\s\S]*?-----END CERTIFICATE-----/.test(text)) return []
  const why = 'unable to load root certificates: unable to parse bytes as PEM block'
  return [invalidValue(field, bundle, why)]
}

function validateReviewVersions(versions: readonly string[]): FieldError[] {
  if (versions.length === 0) return [required(reviews)]
  const errors: FieldError[] = []
  const repeated = repeats(versions)
  for (const [at, version] of versions.entries()) {
    const where = `${reviews}[${at}]`
    if (repeated.has(at)) {
      errors.push(invalidValue(where, version, 'duplicate version'))
      continue
    }
    errors.push(...checkDns1035Label(version).map((problem) => invalidValue(where, version, problem)))
  }
  if (!versions.some((version) => reviewVersions.includes(version))) {
    errors.push(invalidValue(reviews, versions, `must include at least one of ${reviewVersions.join(', ')}`))
  }
  return errors
}
