import type { CelValue } from '../values/value.ts'

/** A node of a parsed expression; macros are expanded. `position` is where it starts in the source, in code points. */
export type Expr =
  LiteralExpr | IdentExpr | SelectExpr | CallExpr | ListExpr | MapExpr | StructExpr | ComprehensionExpr

interface Node {
  position: number
}
export interface LiteralExpr extends Node {
  kind: 'literal'
  value: CelValue
}
export interface IdentExpr extends Node {
  kind: 'ident'
  name: string
}
export interface SelectExpr extends Node {
  kind: 'select'
  operand: Expr
  field: string
  /** Whether it asks for presence: `has(a.b)`. */
  isTest: boolean
}
export interface CallExpr extends Node {
  kind: 'call'
  /** Operators are functions too: `_+_`, `_[_]`. */
  name: string
  target: Expr | undefined
  args: Expr[]
}
export interface ListExpr extends Node {
  kind: 'list'
  elements: Expr[]
  /** The elements written `?element`. */
  optional: ReadonlySet<number>
}
export interface Entry {
  position: number
  key: Expr
  value: Expr
  isOptional: boolean
}
export interface MapExpr extends Node {
  kind: 'map'
  entries: Entry[]
}
export interface StructField {
  position: number
  name: string
  value: Expr
  isOptional: boolean
}
export interface StructExpr extends Node {
  kind: 'struct'
  name: string
  fields: StructField[]
}
/** What every macro over lists and maps becomes (cel-go: Comprehension). */
export interface ComprehensionExpr extends Node {
  kind: 'comprehension'
  range: Expr
  variable: string
  /** Of two-variable forms: the value beside the index or key. */
  variable2: string | undefined
  accumulator: string
  initial: Expr
  condition: Expr
  step: Expr
  result: Expr
}

/** The variable that macros collect into; not a name that source text can spell. */
export const accumulatorName = '@result'
