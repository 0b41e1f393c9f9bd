import type { CelType, ObjectType } from '../cel-type.ts'
import type { Issue } from '../issues.ts'
import type { FunctionTable } from '../library/functions.ts'
import type { Overload } from '../library/overload.ts'
import type { CallExpr, Expr } from '../parse/ast.ts'

/** What an expression may refer to. */
export interface Names {
  variables: ReadonlyMap<string, CelType>
  functions: FunctionTable
  /** Types that objects can be made of, by name: `Object{…}`. */
  structs: (name: string) => ObjectType | undefined
}

/** What an identifier, or a chain of selections, turned out to be. */
export type Reference = { kind: 'variable'; name: string } | { kind: 'type'; name: string }

/** A call, resolved. */
export interface ResolvedCall {
  /** The full name: `math.greatest` where a namespace was taken for a target. */
  name: string
  /** The target, unless it was a namespace, and the arguments. */
  operands: readonly Expr[]
  overloads: readonly Overload[]
}

/** A checked expression: every node's type and what its names stand for. */
export interface Checked {
  expr: Expr
  typeOf(expr: Expr): CelType
  /** Of an identifier or a selection that is a name as a whole. */
  reference(expr: Expr): Reference | undefined
  call(expr: CallExpr): ResolvedCall
  /** The variables of the environment that are read. */
  variables: ReadonlySet<string>
  /** Elements that differ in type from those before them. */
  mixed: readonly MixedElement[]
}

/** An element of a list or map literal `of` a type that the others are not of. */
export interface MixedElement extends Issue {
  of: Expr
}
