import type { MatchCondition } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { duplicate, invalidFor, required, tooMany } from '../../api/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { checkExpression } from './expressions.ts'

const maxConditions = 64

/** Further conditions of a webhook or policy: named expressions (upstream: validateMatchConditions). */
export function validateMatchConditions(
  conditions: MatchCondition[],
  hasParams: boolean,
  path: string,
): FieldError[] {
  const errors = conditions.length > maxConditions ? [tooMany(path, conditions.length, maxConditions)] : []
  const names = new Set<string>()
  for (const [at, { name, expression }] of conditions.entries()) {
    const where = `${path}[${at}]`
    const text = expression?.trim()
    const place = { path: `${where}.expression` }
    if (text) errors.push(...checkExpression('matchCondition', text, { hasParams }, place).errors)
    else errors.push(required(place.path))
    if (!name) errors.push(required(`${where}.name`))
    else {
      errors.push(...invalidFor(`${where}.name`, name, checkQualifiedName(name)))
      if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
      names.add(name)
    }
  }
  return errors
}
