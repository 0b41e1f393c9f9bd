import type { MatchCondition } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { duplicate, invalidFor, required, tooMany } from '../validation/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'

const maxConditions = 64

/** Further conditions of a webhook or policy: named expressions (upstream: validateMatchConditions). */
export function validateMatchConditions(conditions: MatchCondition[], path: string): FieldError[] {
  const errors = conditions.length > maxConditions ? [tooMany(path, conditions.length, maxConditions)] : []
  const names = new Set<string>()
  for (const [at, { name, expression }] of conditions.entries()) {
    const where = `${path}[${at}]`
    if (!expression?.trim()) errors.push(required(`${where}.expression`))
    if (!name) errors.push(required(`${where}.name`))
    else {
      errors.push(...invalidFor(`${where}.name`, name, checkQualifiedName(name)))
      if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
      names.add(name)
    }
  }
  return errors
}
