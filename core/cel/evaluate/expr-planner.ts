import type { Expr } from '../parse/ast.ts'
import type { Planned } from './frame.ts'

/** Plans nodes; names resolve to slots, inner ones first. */
export interface ExprPlanner {
  plan(expr: Expr): Planned
  newSlot(): number
  /** Plans with further names in reach. */
  within<T>(names: { name: string; node: Planned }[], body: () => T): T
}
