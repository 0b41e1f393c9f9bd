import type { Issue } from '../issues.ts'
import { compilePattern } from '../library/regex.ts'
import type { CallExpr, Expr } from '../parse/ast.ts'
import { parseDuration, parseTimestamp } from '../values/time.ts'
import { CelError } from '../values/value.ts'
import type { Checked } from './checked.ts'

/**
 * Constant durations, timestamps and patterns must be right, and the elements of a literal of one type, but for what is
 * formatted (cel-go: cel/validator.go).
 */
export function checkLiterals(checked: Checked, issues: Issue[]): void {
  const seen = new Set<Expr>()
  const visit = (expr: Expr, mayMix: boolean): void => {
    if (seen.has(expr)) return
    seen.add(expr)
    if (expr.kind === 'call') checkArgument(checked, expr, issues)
    if (!mayMix) issues.push(...checked.mixed.filter(({ of }) => of === expr))
    const isFormat = expr.kind === 'call' && expr.name === 'format'
    for (const child of childrenOf(expr)) visit(child, mayMix || isFormat)
  }
  visit(checked.expr, false)
}

function checkArgument(checked: Checked, expr: CallExpr, issues: Issue[]): void {
  const { name, operands } = checked.call(expr)
  const argument = name === 'matches' ? operands.at(-1) : operands[0]
  if (argument?.kind !== 'literal' || typeof argument.value !== 'string') return
  const text = argument.value
  const isWrong =
    (name === 'duration' && !parseDuration(text)) ||
    (name === 'timestamp' && !(/[Tt]/.test(text) && parseTimestamp(text))) ||
    (name === 'matches' && compilePattern(text) instanceof CelError)
  if (isWrong) issues.push({ position: argument.position, message: `invalid ${name} argument` })
}

function childrenOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return []
    case 'select':
      return [expr.operand]
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args
    case 'list':
      return expr.elements
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value])
    case 'struct':
      return expr.fields.map(({ value }) => value)
    case 'comprehension':
      return [expr.range, expr.initial, expr.condition, expr.step, expr.result]
  }
}
