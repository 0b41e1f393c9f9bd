import type { Variable } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { variablesType } from '../../cel/admission/admission-environment.ts'
import type { CelType } from '../../cel/cel-type.ts'
import { invalidValue, required } from '../../api/field-errors.ts'
import { checkExpression } from './expressions.ts'
import type { ExpressionScope } from './expressions.ts'

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/
/** Words of the expression language that cannot be names (CEL spec, RESERVED). */
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/**
 * The named expressions of a policy, each of which sees those before it; and what the policy's other expressions may
 * read then (upstream: validateVariable, CompileAndStoreVariable).
 */
export function validateVariables(
  variables: Variable[],
  hasParams: boolean,
  path: string,
): { errors: FieldError[]; scope: ExpressionScope } {
  const outputs = new Map<string, CelType | undefined>()
  const scope = (): ExpressionScope => ({
    hasParams,
    ...(variables.length > 0 && { variables: variablesType(outputs) }),
  })
  const errors: FieldError[] = []
  for (const [at, { name, expression }] of variables.entries()) {
    const where = `${path}[${at}]`
    if (!name?.trim()) errors.push(required(`${where}.name`, 'name is not specified'))
    else if (!identifier.test(name) || reserved.has(name)) {
      errors.push(invalidValue(`${where}.name`, name, 'must be a valid CEL identifier'))
    }
    if (!expression?.trim()) {
      errors.push(required(`${where}.expression`, 'expression is not specified'))
      continue
    }
    const checked = checkExpression('variable', expression, scope(), { path: `${where}.expression` })
    errors.push(...checked.errors)
    outputs.set(name, checked.output)
  }
  return { errors, scope: scope() }
}
