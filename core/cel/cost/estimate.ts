import type { CelType } from '../cel-type.ts'
import type { Checked } from '../check/checked.ts'
import { accumulatorName } from '../parse/ast.ts'
import type { CallExpr, ComprehensionExpr, Expr, SelectExpr } from '../parse/ast.ts'
import { estimateCall } from './call-estimate.ts'
import type { CallEstimate, Operand } from './call-estimate.ts'
import { add, fixed, multiply, union, unknownRange, zero } from './range.ts'
import type { Range } from './range.ts'
import { joinEntries, memberType, scalarSize, writtenSize, type EntrySize } from './sizes.ts'

interface Local {
  path: string[]
  size?: Range | undefined
  entries?: EntrySize | undefined
}

/**
 * The least and the most that an expression may cost (cel-go: checker/cost.go). Sizes come from the bounds of the type of
 * `self`.
 */
export function estimateCost(checked: Checked, variables: ReadonlyMap<string, CelType>): Range {
  return new Estimator(checked, variables.get('self')).cost(checked.expr)
}

class Estimator {
  readonly #checked: Checked
  readonly #root: CelType | undefined
  readonly #costs = new Map<Expr, Range>()
  readonly #paths = new Map<Expr, string[]>()
  readonly #sizes = new Map<Expr, Range>()
  readonly #entries = new Map<Expr, EntrySize>()
  readonly #locals = new Map<string, Local[]>()

  constructor(checked: Checked, root: CelType | undefined) {
    this.#checked = checked
    this.#root = root
  }

  cost(expr: Expr): Range {
    const known = this.#costs.get(expr)
    if (known) return known
    const cost = this.#costOf(expr)
    this.#costs.set(expr, cost)
    return cost
  }

  #costOf(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return zero
      case 'ident':
        this.#paths.set(expr, this.#local(expr.name)?.path ?? [expr.name])
        return fixed(1)
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list': {
        this.#setEntries(expr, {
          kind: 'list',
          key: fixed(1),
          value: this.#spanOf(expr.elements, (element) => element),
        })
        return expr.elements.reduce((sum, element) => add(sum, this.cost(element)), fixed(10))
      }
      case 'map': {
        const cost = expr.entries.reduce(
          (sum, { key, value }) => add(sum, add(this.cost(key), this.cost(value))),
          fixed(30),
        )
        const key = this.#spanOf(expr.entries, (entry) => entry.key)
        this.#setEntries(expr, {
          kind: 'map',
          key,
          value: this.#spanOf(expr.entries, (entry) => entry.value),
        })
        return cost
      }
      case 'struct':
        return expr.fields.reduce((sum, { value }) => add(sum, this.cost(value)), fixed(40))
      case 'comprehension':
        return expr.accumulator === accumulatorName ? this.#loop(expr) : this.#binding(expr)
    }
  }

  #spanOf<T>(parts: T[], pick: (part: T) => Expr): Range {
    if (parts.length === 0) return zero
    return parts
      .map((part) => {
        this.cost(pick(part))
        return this.#sizeOrUnknown(pick(part))
      })
      .reduce(union)
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1)
  }

  #within<T>(locals: [string, Local][], body: () => T): T {
    for (const [name, local] of locals) this.#locals.set(name, [...(this.#locals.get(name) ?? []), local])
    const result = body()
    for (const [name] of locals) this.#locals.get(name)!.pop()
    return result
  }

  #path(expr: Expr): string[] {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined
    return local?.path ?? this.#paths.get(expr) ?? []
  }

  #select(expr: SelectExpr): Range {
    const reference = this.#checked.reference(expr)
    if (reference) {
      this.#paths.set(expr, [reference.name])
      return fixed(1)
    }
    const operand = this.cost(expr.operand)
    if (expr.isTest) return operand
    const { kind } = this.#checked.typeOf(expr.operand)
    this.#paths.set(expr, [...this.#path(expr.operand), expr.field])
    return kind === 'map' || kind === 'object' || kind === 'parameter' ? add(operand, fixed(1)) : operand
  }

  #call(expr: CallExpr): Range {
    const call = this.#checked.call(expr)
    const costs = call.operands.map((operand) => this.cost(operand))
    const sum = costs.reduce(add, zero)
    if (call.name === 'dyn') {
      this.#copySizes(expr, call.operands[0]!)
      return add(fixed(1), sum)
    }
    if (call.name === '_&&_' || call.name === '_||_') return { min: costs[0]!.min, max: sum.max }
    if (call.name === '_?_:_') return this.#conditional(expr, costs)
    if (call.name === '_?._') return add(fixed(1), sum)
    const operands = call.operands.map((operand) => this.#operand(operand))
    const estimates = call.overloads.map(({ id }) => estimateCall(call.name, id, operands))
    this.#noteResult(expr, call.operands, estimates)
    if (call.name === '_[_]')
      this.#noteIndexed(
        expr,
        call.operands[0]!,
        call.overloads.map(({ id }) => id),
      )
    return estimates.length === 0 ? zero : add(estimates.map(({ cost }) => cost).reduce(union), sum)
  }

  #noteResult(expr: Expr, operands: readonly Expr[], estimates: CallEstimate[]): void {
    if (estimates.some(({ size }) => size !== undefined)) {
      this.#sizes.set(expr, estimates.flatMap(({ size }) => size ?? []).reduce(union))
    }
    if (expr.kind === 'call' && expr.name === '_+_') {
      const [a, b] = operands.map((operand) => this.#entriesOf(operand))
      if (a && b) this.#setEntries(expr, joinEntries(a, b))
    }
  }

  /** An item's path, and the size of the items where the container was written out. */
  #noteIndexed(expr: Expr, container: Expr, overloads: string[]): void {
    const entries = this.#entriesOf(container)
    const isList = overloads.includes('index_list')
    if (!isList && !overloads.includes('index_map')) return
    this.#paths.set(expr, [...this.#path(container), isList ? '@items' : '@values'])
    if (entries) this.#sizes.set(expr, entries.value)
    else {
      const size = this.#computeSize(expr)
      if (size) this.#sizes.set(expr, size)
    }
  }

  #conditional(expr: Expr, [condition, truthy, falsy]: Range[]): Range {
    const { operands } = this.#checked.call(expr as CallExpr)
    const [, whenTrue, whenFalse] = operands as [Expr, Expr, Expr]
    this.#sizes.set(expr, union(this.#sizeOrUnknown(whenTrue), this.#sizeOrUnknown(whenFalse)))
    const [a, b] = [this.#entriesOf(whenTrue), this.#entriesOf(whenFalse)]
    if (a && b) this.#setEntries(expr, joinEntries(a, b))
    return add(condition!, union(truthy!, falsy!))
  }

  #loop(expr: ComprehensionExpr): Range {
    const start = add(this.cost(expr.range), this.cost(expr.initial))
    const accumulated: Local = {
      path: this.#path(expr.initial),
      size: this.#computeSize(expr.initial),
      entries: this.#entriesOf(expr.initial),
    }
    const turn = this.#within([[expr.accumulator, accumulated], ...this.#iteration(expr)], () =>
      add(this.cost(expr.condition), this.cost(expr.step)),
    )
    const stepEntries = this.#entriesOf(expr.step)
    const end = this.#within([[expr.accumulator, accumulated]], () => this.cost(expr.result))
    const count = this.#sizeOrUnknown(expr.range)
    if (expr.initial.kind === 'literal') this.#sizes.set(expr, fixed(1))
    else {
      this.#sizes.set(expr, count)
      if (stepEntries) this.#setEntries(expr, stepEntries)
    }
    return add(add(start, end), multiply(count, turn))
  }

  #iteration(expr: ComprehensionExpr): [string, Local][] {
    const entries = this.#entriesOf(expr.range)
    const path = this.#path(expr.range)
    const isList = (entries?.kind ?? this.#checked.typeOf(expr.range).kind) === 'list'
    const key: Local = { path: [...path, isList ? '@indices' : '@keys'], size: entries?.key }
    const value: Local = { path: [...path, isList ? '@items' : '@values'], size: entries?.value }
    if (expr.variable2 === undefined) return [[expr.variable, isList ? value : key]]
    return [
      [expr.variable, key],
      [expr.variable2, value],
    ]
  }

  #binding(expr: ComprehensionExpr): Range {
    // Upstream counts the empty list that a binding runs over.
    const start = add(fixed(10), this.cost(expr.initial))
    const local: Local = {
      path: this.#path(expr.initial),
      size: this.#computeSize(expr.initial),
      entries: this.#entriesOf(expr.initial),
    }
    return this.#within([[expr.accumulator, local]], () => {
      const cost = add(start, this.cost(expr.result))
      this.#copySizes(expr, expr.result)
      return cost
    })
  }

  #copySizes(target: Expr, source: Expr): void {
    const size = this.#computeSize(source)
    if (size) this.#sizes.set(target, size)
    const entries = this.#entriesOf(source)
    if (entries) this.#setEntries(target, entries)
  }

  #setEntries(expr: Expr, entries: EntrySize): void {
    this.#entries.set(expr, entries)
  }

  #entriesOf(expr: Expr): EntrySize | undefined {
    return this.#entries.get(expr) ?? (expr.kind === 'ident' ? this.#local(expr.name)?.entries : undefined)
  }

  #operand(expr: Expr): Operand {
    const type = this.#checked.typeOf(expr)
    return {
      type,
      size: this.#sizeOrUnknown(expr),
      itemSize: this.#itemSize(expr, type),
      constant: expr.kind === 'literal' ? expr.value : undefined,
    }
  }

  #itemSize(expr: Expr, type: CelType): Range {
    const path = this.#path(expr)
    const found = path.length > 0 ? this.#sizeAt([...path, '@items']) : undefined
    return found ?? (type.kind === 'list' ? (scalarSize(type.element) ?? unknownRange) : unknownRange)
  }

  #sizeOrUnknown(expr: Expr): Range {
    return this.#computeSize(expr) ?? unknownRange
  }

  #computeSize(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr) ?? writtenSize(expr)
    if (known) return known
    const path = this.#path(expr)
    const declared = path.length > 0 && path[0] !== accumulatorName ? this.#sizeAt(path) : undefined
    if (declared) {
      this.#sizes.set(expr, declared)
      return declared
    }
    const scalar = scalarSize(this.#checked.typeOf(expr))
    if (scalar) return scalar
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined
  }

  /**
   * What the type at a path says of sizes. As upstream's sizeEstimator does, every path is read from `self`: its first
   * name may be `oldSelf`, a type, or where a written list is walked, nothing at all.
   */
  #sizeAt([, ...names]: string[]): Range | undefined {
    let type: CelType | undefined = this.#root
    for (const name of names) {
      type = type && memberType(type, name)
    }
    return type && { min: 0, max: type.maxElements ?? 0 }
  }
}
