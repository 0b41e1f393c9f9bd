import type { FieldError } from '../../api/status.ts'
import { admissionEnvironment } from '../../cel/admission/admission-environment.ts'
import { applyObjectType, jsonPatchType } from '../../cel/admission/patch-types.ts'
import { boolType, listOf, nullType, stringType, typeText } from '../../cel/cel-type.ts'
import type { CelType, ObjectType } from '../../cel/cel-type.ts'
import { compileExpression } from '../../cel/compile.ts'
import { invalidValue } from '../../api/field-errors.ts'

/** What an expression of a webhook or policy is for: decides what it may read and must yield. */
type Purpose = keyof typeof purposes

interface Rules {
  /** The types of which the result must be exactly one; undefined for any. */
  yields?: readonly CelType[]
  hasAuthorizer: boolean
  hasPatchTypes?: boolean
}

const purposes = {
  matchCondition: { yields: [boolType], hasAuthorizer: true },
  variable: { hasAuthorizer: true },
  validation: { yields: [boolType], hasAuthorizer: true },
  message: { yields: [stringType], hasAuthorizer: false },
  auditAnnotation: { yields: [stringType, nullType], hasAuthorizer: true },
  applyConfiguration: { yields: [applyObjectType], hasAuthorizer: true, hasPatchTypes: true },
  jsonPatch: { yields: [listOf(jsonPatchType)], hasAuthorizer: true, hasPatchTypes: true },
} satisfies Record<string, Rules>

/** What the expressions of one policy have in common. */
export interface ExpressionScope {
  hasParams: boolean
  /** The type of `variables`; undefined where none are. */
  variables?: ObjectType | undefined
}

/** Where an expression stands, and what its error shows. */
interface Place {
  path: string
  /** Default: the expression. */
  shown?: string
}

/** Compiles an expression: its errors, and what it yields (upstream: validateCELCondition, CompileCELExpression). */
export function checkExpression(
  purpose: Purpose,
  expression: string,
  scope: ExpressionScope,
  { path, shown = expression }: Place,
): { errors: FieldError[]; output?: CelType } {
  const { yields, ...names }: Rules = purposes[purpose]
  const { program, issues } = compileExpression(expression, admissionEnvironment({ ...names, ...scope }))
  if (!program) return { errors: [invalidValue(path, shown, `compilation failed: ${issues}`)] }
  const output = program.outputType
  const found = typeText(output)
  if (!yields || yields.some((type) => typeText(type) === found)) return { errors: [], output }
  const texts = yields.map(typeText)
  const wanted = texts.length === 1 ? texts[0] : `one of [${texts.join(' ')}]`
  return { errors: [invalidValue(path, shown, `must evaluate to ${wanted} but got ${found}`)] }
}
