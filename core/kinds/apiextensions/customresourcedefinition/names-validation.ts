import type { CustomResourceDefinitionNames } from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue } from '../../../api/field-errors.ts'
import { checkDns1035Label } from '../../validation/formats.ts'

/** The form of a definition's names; empty ones are none of its business. */
export function validateNames(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const { plural, singular, kind, listKind } = names
  const errors: FieldError[] = []
  for (const [field, value] of Object.entries({ plural, singular })) {
    const problems = value ? checkDns1035Label(value) : []
    if (problems.length > 0) errors.push(invalidValue(`${path}.${field}`, value, problems.join(',')))
  }
  for (const [field, value] of Object.entries({ kind, listKind })) {
    const problems = value ? checkDns1035Label(value.toLowerCase()) : []
    if (problems.length === 0) continue
    const why = `may have mixed case, but should otherwise match: ${problems.join(',')}`
    errors.push(invalidValue(`${path}.${field}`, value, why))
  }
  errors.push(...validateEach(names.shortNames, `${path}.shortNames`))
  if (kind && kind === listKind) {
    errors.push(invalidValue(`${path}.listKind`, listKind, 'kind and listKind may not be the same'))
  }
  errors.push(...validateEach(names.categories, `${path}.categories`))
  return errors
}

function validateEach(values: string[] | undefined, path: string): FieldError[] {
  return (values ?? []).flatMap((value, index) => {
    const problems = checkDns1035Label(value)
    return problems.length > 0 ? [invalidValue(`${path}[${index}]`, value, problems.join(','))] : []
  })
}
