import type { Checked } from '../check/checked.ts'
import type { CallExpr, ComprehensionExpr, Expr, ListExpr, MapExpr, StructExpr } from '../parse/ast.ts'
import { ArrayList, EntryMap, StructValue } from '../values/containers.ts'
import { CelError, CelOptional, TypeValue } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { planIndex, planOptionalAccess, planPresence, planSelect } from './access.ts'
import {
  planCall,
  planConditional,
  planLogical,
  planMembership,
  planNotStrictlyFalse,
  planOr,
} from './calls.ts'
import { planComprehension } from './comprehensions.ts'
import type { ExprPlanner } from './expr-planner.ts'
import { constantNode, slotNode } from './frame.ts'
import type { Evaluate, Planned } from './frame.ts'

/** An expression as closures, and where its variables go in a frame. */
export interface Plan {
  run: Evaluate
  slotCount: number
  /** Slots of the variables of the environment. */
  variables: ReadonlyMap<string, number>
}

/** Compiles a checked expression (cel-go: interpreter/planner.go). */
export function plan(checked: Checked): Plan {
  const planner = new Planner(checked)
  const { run } = planner.plan(checked.expr)
  return { run, slotCount: planner.slotCount, variables: planner.variables }
}

const listCost = 10
const mapCost = 30
const structCost = 40

/** Plans nodes; names resolve to slots, inner ones first. */
class Planner implements ExprPlanner {
  readonly variables = new Map<string, number>()
  slotCount = 0
  readonly #checked: Checked
  readonly #planned = new Map<Expr, Planned>()
  readonly #scopes: { name: string; node: Planned }[] = []

  constructor(checked: Checked) {
    this.#checked = checked
  }

  newSlot(): number {
    return this.slotCount++
  }

  /** Plans with further names in reach. */
  within<T>(names: { name: string; node: Planned }[], body: () => T): T {
    this.#scopes.push(...names)
    const result = body()
    this.#scopes.length -= names.length
    return result
  }

  plan(expr: Expr): Planned {
    const known = this.#planned.get(expr)
    if (known) return known
    const planned = this.#planNew(expr)
    this.#planned.set(expr, planned)
    return planned
  }

  #planNew(expr: Expr): Planned {
    switch (expr.kind) {
      case 'literal':
        return constantNode(expr.value)
      case 'ident':
        return this.#named(expr)
      case 'select':
        if (this.#checked.reference(expr)) return this.#named(expr)
        return expr.isTest
          ? planPresence(this.plan(expr.operand), expr.field)
          : planSelect(this.plan(expr.operand), expr.field)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return this.#struct(expr)
      case 'comprehension':
        return planComprehension(this, expr satisfies ComprehensionExpr)
    }
  }

  #named(expr: Expr): Planned {
    const reference = this.#checked.reference(expr)!
    if (reference.kind === 'type') return constantNode(new TypeValue(reference.name))
    const local = this.#scopes.findLast(({ name }) => name === reference.name)
    if (local) return local.node
    let slot = this.variables.get(reference.name)
    if (slot === undefined) this.variables.set(reference.name, (slot = this.newSlot()))
    return slotNode(slot, reference.name)
  }

  #call(expr: CallExpr): Planned {
    const call = this.#checked.call(expr)
    const operands = call.operands.map((operand) => this.plan(operand))
    const [first, second] = operands as [Planned, Planned]
    switch (call.name) {
      case '_&&_':
        return planLogical(operands, false)
      case '_||_':
        return planLogical(operands, true)
      case '_?_:_':
        return planConditional(operands as [Planned, Planned, Planned])
      case '_[_]':
        return planIndex(first, second)
      case '_?._':
      case '_[?_]':
        return planOptionalAccess(first, second)
      case '@not_strictly_false':
        return planNotStrictlyFalse(first)
      case 'or':
      case 'orValue':
        return planOr(call.name, [first, second])
      case '@in': {
        const isList = call.overloads.length === 1 && call.overloads[0]!.id === 'in_list'
        const membership = isList ? planMembership(first, second) : undefined
        if (membership) return membership
      }
    }
    return planCall(
      call,
      operands,
      call.operands.map((operand) => this.#checked.typeOf(operand)),
    )
  }

  #list({ elements, optional }: ListExpr): Planned {
    const items = elements.map((element) => this.plan(element))
    if (optional.size === 0 && items.every(({ constant }) => constant !== undefined)) {
      return constantNode(new ArrayList(items.map(({ constant }) => constant!)))
    }
    return {
      run(frame) {
        const values: CelValue[] = []
        for (const [index, { run }] of items.entries()) {
          const value = run(frame)
          if (value instanceof CelError) return value
          if (!optional.has(index)) values.push(value)
          else if (!(value instanceof CelOptional)) return notOptional(value)
          else if (value.value !== undefined) values.push(value.value)
        }
        frame.charge(listCost)
        return new ArrayList(values)
      },
    }
  }

  #map({ entries }: MapExpr): Planned {
    const members = entries.map(({ key, value, isOptional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      isOptional,
    }))
    const isConstant = members.every(
      ({ key, value, isOptional }) =>
        key.constant !== undefined && value.constant !== undefined && !isOptional,
    )
    const build: Evaluate = (frame) => {
      const map = new EntryMap()
      for (const { key, value, isOptional } of members) {
        const name = key.run(frame)
        if (name instanceof CelError) return name
        const given = value.run(frame)
        if (given instanceof CelError) return given
        if (isOptional && !(given instanceof CelOptional)) return notOptional(given)
        const member = isOptional ? (given as CelOptional).value : given
        if (member === undefined) continue
        const isNew = map.add(name, member)
        if (isNew === undefined) return new CelError('unsupported key type')
        if (!isNew) return new CelError(`Failed with repeated key ${String(name)}`)
      }
      return map
    }
    if (!isConstant) {
      return {
        run(frame) {
          const map = build(frame)
          frame.charge(mapCost)
          return map
        },
      }
    }
    // Constants never read the frame. An accumulator is added to in place, so each use needs a map of its own.
    if (members.length === 0) return { run: () => new EntryMap() }
    const map = build(undefined as never)
    return map instanceof CelError ? { run: () => map } : constantNode(map)
  }

  #struct({ name, fields }: StructExpr): Planned {
    const typeName = name.replace(/^\./, '')
    const members = fields.map((field) => ({ ...field, node: this.plan(field.value) }))
    return {
      run(frame) {
        const values = new Map<string, CelValue>()
        for (const { name: field, node, isOptional } of members) {
          const value = node.run(frame)
          if (value instanceof CelError) return value
          if (isOptional && !(value instanceof CelOptional)) return notOptional(value)
          const member = isOptional ? (value as CelOptional).value : value
          if (member !== undefined) values.set(field, member)
        }
        frame.charge(structCost)
        return new StructValue(typeName, values)
      },
    }
  }
}

function notOptional(value: CelValue): CelError {
  return new CelError(`cannot initialize optional entry from non-optional value ${String(value)}`)
}
