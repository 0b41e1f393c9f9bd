import type { LabelSelector } from '../../../api/meta.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidFor, invalidValue } from '../../../api/field-errors.ts'
import { checkQualifiedName } from '../../validation/formats.ts'

/** Labels whose values a selector takes from the pod itself. */
interface LabelKeys {
  labelSelector?: LabelSelector
  matchLabelKeys?: string[]
  mismatchLabelKeys?: string[]
}

/**
 * Keys of the pod's own labels in an affinity term or spread constraint (upstream: validation.go
 * validateMatchLabelKeysAndMismatchLabelKeys). The selector has been given what follows from them by then, so that a key
 * that it names once more is one that the writer named too.
 */
export function validateLabelKeys(
  { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: LabelKeys,
  path: string,
): FieldError[] {
  const errors = [
    ...validateNames(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    ...validateNames(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
  ]
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}))
  const places = new Map(matchLabelKeys.map((key, at) => [key, at]))
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const at = places.get(key)
    if (at !== undefined && seen.has(key)) {
      errors.push(invalidValue(`${path}[${at}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    }
    seen.add(key)
  }
  const mismatched = new Set(mismatchLabelKeys)
  for (const [at, key] of matchLabelKeys.entries()) {
    if (!mismatched.has(key)) continue
    const why = 'exists in both matchLabelKeys and mismatchLabelKeys'
    errors.push(invalidValue(`${path}.matchLabelKeys[${at}]`, key, why))
  }
  return errors
}

function validateNames(keys: string[], selector: LabelSelector | undefined, path: string): FieldError[] {
  if (keys.length === 0) return []
  if (!selector) return [forbiddenField(path, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, at) => invalidFor(`${path}[${at}]`, key, checkQualifiedName(key)))
}
