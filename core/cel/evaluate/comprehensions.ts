import { accumulatorName } from '../parse/ast.ts'
import type { ComprehensionExpr, Expr } from '../parse/ast.ts'
import { ArrayList } from '../values/containers.ts'
import { CelList, CelMap, CelError } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import type { ExprPlanner } from './expr-planner.ts'
import { attribute, slotNode } from './frame.ts'
import type { Evaluate, Frame, Planned } from './frame.ts'

const listCost = 10

/** A loop over a list or map, or a name for a value (cel-go: interpreter/interpretable.go evalFold). */
export function planComprehension(planner: ExprPlanner, expr: ComprehensionExpr): Planned {
  return expr.accumulator === accumulatorName ? planLoop(planner, expr) : planBinding(planner, expr)
}

/** `cel.bind`: the value is computed when it is first read. */
function planBinding(planner: ExprPlanner, { accumulator, initial, result }: ComprehensionExpr): Planned {
  const slot = planner.newSlot()
  const value = planner.plan(initial).run
  const node = attribute((frame) => (frame.slots[slot] ??= value(frame)))
  const body = planner.within([{ name: accumulator, node }], () => planner.plan(result)).run
  return {
    run(frame) {
      frame.slots[slot] = undefined
      return body(frame)
    },
  }
}

interface Loop {
  accumulator: number
  variable: number
  variable2: number | undefined
  condition: Evaluate
  step: Evaluate
  result: Evaluate
}

function planLoop(planner: ExprPlanner, expr: ComprehensionExpr): Planned {
  const range = planner.plan(expr.range).run
  const initial = planner.plan(expr.initial).run
  const [accumulator, variable] = [planner.newSlot(), planner.newSlot()]
  const variable2 = expr.variable2 === undefined ? undefined : planner.newSlot()
  const own = { name: expr.accumulator, node: slotNode(accumulator, expr.accumulator) }
  const names = [own, { name: expr.variable, node: slotNode(variable, expr.variable) }]
  if (variable2 !== undefined)
    names.push({ name: expr.variable2!, node: slotNode(variable2, expr.variable2!) })
  const { condition, step } = planner.within(names, () => ({
    condition: planner.plan(expr.condition).run,
    step: (appending(planner, expr.step, accumulator) ?? planner.plan(expr.step)).run,
  }))
  const result = planner.within([own], () => planner.plan(expr.result)).run
  const loop: Loop = { accumulator, variable, variable2, condition, step, result }
  return {
    run(frame) {
      const over = range(frame)
      if (over instanceof CelError) return over
      const start = initial(frame)
      frame.slots[accumulator] = start instanceof ArrayList ? new ArrayList([]) : start
      return runLoop(frame, over, loop)
    },
  }
}

function runLoop(frame: Frame, over: CelValue, loop: Loop): CelValue {
  const isPair = loop.variable2 !== undefined
  if (over instanceof CelList) {
    for (let index = 0; index < over.length; index++) {
      const item = over.at(index)
      if (!turn(frame, loop, isPair ? [index, item] : [item, null])) break
    }
  } else if (over instanceof CelMap) {
    for (const key of over.keys())
      if (!turn(frame, loop, [key, isPair ? (over.get(key) ?? null) : null])) break
  } else return new CelError(`got '${typeof over}', expected iterable type`)
  return loop.result(frame)
}

/** One turn; false ends the loop. */
function turn(frame: Frame, loop: Loop, [first, second]: [CelValue, CelValue]): boolean {
  const { slots } = frame
  slots[loop.variable] = first
  if (loop.variable2 !== undefined) slots[loop.variable2] = second
  if (loop.condition(frame) === false) return false
  slots[loop.accumulator] = loop.step(frame)
  return true
}

/**
 * The step of `map` and `filter`, `accumulator + [item]`, done in place: a copy each turn would take quadratic time. It
 * costs what the plain form does.
 */
function appending(planner: ExprPlanner, step: Expr, slot: number): Planned | undefined {
  if (step.kind !== 'call') return undefined
  if (step.name === '_?_:_') {
    const [condition, append, otherwise] = step.args as [Expr, Expr, Expr]
    const appended = isAccumulator(otherwise) ? appending(planner, append, slot) : undefined
    return appended && planFiltered(planner.plan(condition).run, appended.run, slot)
  }
  const [left, right] = step.args as [Expr, Expr]
  const isAppend = step.name === '_+_' && isAccumulator(left) && right.kind === 'list'
  if (!isAppend || right.elements.length !== 1) return undefined
  const item = planner.plan(right.elements[0]!)
  const cost = item.constant === undefined ? listCost + 2 : 2
  return {
    run(frame) {
      const value = item.run(frame)
      frame.charge(cost)
      const list = frame.slots[slot]!
      if (value instanceof CelError || !(list instanceof ArrayList))
        return list instanceof CelError ? list : value
      list.values.push(value)
      return list
    },
  }
}

function planFiltered(condition: Evaluate, append: Evaluate, slot: number): Planned {
  return {
    run(frame) {
      const value = condition(frame)
      if (value === true) return append(frame)
      if (value === false) return frame.slots[slot]!
      return value instanceof CelError ? value : new CelError('no such overload')
    },
  }
}

function isAccumulator(expr: Expr): boolean {
  return expr.kind === 'ident' && expr.name === accumulatorName
}
