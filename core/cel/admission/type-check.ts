import type {
  ExpressionWarning,
  ValidatingAdmissionPolicySpec,
} from '../../api/generated/admissionregistration-v1.ts'
import type { CelType } from '../cel-type.ts'
import { compileExpression } from '../compile.ts'
import { admissionEnvironment, variablesType } from './admission-environment.ts'
import type { AdmissionNames } from './admission-environment.ts'

/** A kind that a policy matches. */
export interface MatchedKind {
  /** As in `apps/v1, Kind=Deployment`. */
  name: string
  type: CelType
}

/**
 * What is wrong with the validations of a policy when its objects are of these kinds and its parameters of that type;
 * undefined where that is not known (upstream: plugin/policy/validating/typechecking.go).
 */
export function checkPolicyTypes(
  spec: ValidatingAdmissionPolicySpec,
  kinds: readonly MatchedKind[],
  params: CelType | undefined,
): ExpressionWarning[] {
  const environments = kinds.map(({ name, type }) => ({ name, names: namesFor(spec, type, params) }))
  const check = (expression: string, fieldRef: string): ExpressionWarning[] => {
    const warnings = environments.flatMap(({ name, names }) => {
      const { issues } = compileExpression(expression, admissionEnvironment(names))
      return issues === undefined ? [] : [`${name}: ${issues}\n`]
    })
    return warnings.length > 0 ? [{ fieldRef, warning: warnings.join('\n') }] : []
  }
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, at) => {
    const path = `spec.validations[${at}]`
    return [
      ...check(expression, `${path}.expression`),
      ...(messageExpression ? check(messageExpression, `${path}.messageExpression`) : []),
    ]
  })
}

/** What expressions may read when the object is of a type; the types of variables follow from it. */
function namesFor(
  { variables = [] }: ValidatingAdmissionPolicySpec,
  object: CelType,
  params: CelType | undefined,
): AdmissionNames {
  const names: AdmissionNames = {
    hasParams: params !== undefined,
    hasAuthorizer: true,
    types: { object, ...(params && { params }) },
  }
  if (variables.length === 0) return names
  const outputs = new Map<string, CelType | undefined>()
  const withVariables = (): AdmissionNames => ({ ...names, variables: variablesType(outputs) })
  for (const { name, expression } of variables) {
    const { program } = compileExpression(expression, admissionEnvironment(withVariables()))
    outputs.set(name, program?.outputType)
  }
  return withVariables()
}
