import { boolType, dynType, errorType, formatType, listOf, mapOf, optionalOf } from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'
import type { Issue } from '../issues.ts'
import type {
  CallExpr,
  ComprehensionExpr,
  Expr,
  ListExpr,
  MapExpr,
  SelectExpr,
  StructExpr,
} from '../parse/ast.ts'
import type { Checked, MixedElement, Names, Reference, ResolvedCall } from './checked.ts'
import { assign, mostGeneral, substitute, unwrapOptional, type Mapping } from './substitution.ts'
import { iterationTypes, memberOf, mismatchText, pathOf, signatureText, typeOfLiteral } from './expr-facts.ts'
import { resolveOverloads } from './resolve-overloads.ts'
import { Scopes } from './scopes.ts'

/** Finds the type of every part of an expression and what its names stand for (cel-go: checker/checker.go). */
export function check(expr: Expr, names: Names, issues: Issue[]): Checked {
  const checker = new Checker(names, issues)
  checker.check(expr)
  return checker.result(expr)
}

class Checker {
  readonly #names: Names
  readonly #scopes: Scopes
  readonly #issues: Issue[]
  readonly #types = new Map<Expr, CelType>()
  readonly #references = new Map<Expr, Reference>()
  readonly #calls = new Map<Expr, ResolvedCall>()
  readonly #mixed: MixedElement[] = []
  #mapping: Mapping = new Map()
  #fresh = 0

  constructor(names: Names, issues: Issue[]) {
    this.#names = names
    this.#scopes = new Scopes(names)
    this.#issues = issues
  }

  result(expr: Expr): Checked {
    return {
      expr,
      typeOf: (one) => substitute(this.#mapping, this.#types.get(one) ?? errorType, true),
      reference: (one) => this.#references.get(one),
      call: (one) => this.#calls.get(one)!,
      variables: this.#scopes.variables,
      mixed: this.#mixed,
    }
  }

  #report({ position }: { position: number }, message: string): void {
    this.#issues.push({ position, message })
  }

  #mismatch(at: { position: number }, expected: CelType, found: CelType): void {
    this.#report(at, mismatchText(expected, found))
  }

  /** Checks a node once: macros may hold one in two places. */
  check(expr: Expr): CelType {
    const known = this.#types.get(expr)
    if (known) return known
    const type = this.#typeOf(expr)
    this.#types.set(expr, type)
    return type
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOfLiteral(expr.value)
      case 'ident':
        return this.#named(expr, expr.name) ?? this.#undeclared(expr, expr.name)
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return this.#struct(expr)
      case 'comprehension':
        return this.#comprehension(expr)
    }
  }

  #undeclared(at: { position: number }, name: string): CelType {
    this.#report(at, `undeclared reference to '${name}' (in container '')`)
    return errorType
  }

  /** The type of a name, if there is one; notes what it stands for. */
  #named(expr: Expr, given: string): CelType | undefined {
    const found = this.#scopes.find(given)
    if (found) this.#references.set(expr, found.reference)
    return found?.type
  }

  #select(expr: SelectExpr): CelType {
    const path = expr.isTest ? undefined : pathOf(expr)
    const named = path === undefined ? undefined : this.#qualified(expr, path)
    if (named) return named
    const type = this.#field(expr, { operand: expr.operand, field: expr.field, isOptional: false })
    return expr.isTest ? boolType : substitute(this.#mapping, type)
  }

  /** A name with dots; what begins with a local variable is none. */
  #qualified(expr: SelectExpr, path: string): CelType | undefined {
    const head = path.split('.', 1)[0]!
    return this.#scopes.isLocal(head) ? undefined : this.#named(expr, path)
  }

  #field(
    at: Expr,
    { operand, field, isOptional }: { operand: Expr; field: string; isOptional: boolean },
  ): CelType {
    const target = unwrapOptional(substitute(this.#mapping, this.check(operand)))
    const result = this.#memberType(at, target.inner, field)
    return target.isOptional || isOptional ? optionalOf(result) : result
  }

  #memberType(at: Expr, target: CelType, field: string): CelType {
    if (target.kind === 'parameter') this.#isAssignable(dynType, target)
    const { type, problem } = memberOf(target, field)
    if (problem !== undefined) this.#report(at, problem)
    return type
  }

  #call(expr: CallExpr): CelType {
    const { name, target, args } = expr
    if (name === '_?._') return this.#optionalSelect(expr)
    for (const arg of args) this.check(arg)
    if (!target)
      return this.#resolve(expr, { name: name.replace(/^\./, ''), operands: args, isMember: false })
    const prefix = pathOf(target)
    const qualified = prefix === undefined ? undefined : `${prefix.replace(/^\./, '')}.${name}`
    if (qualified !== undefined && this.#names.functions.has(qualified))
      return this.#resolve(expr, { name: qualified, operands: args, isMember: false })
    this.check(target)
    return this.#resolve(expr, { name, operands: [target, ...args], isMember: true })
  }

  #optionalSelect(expr: CallExpr): CelType {
    const [operand, field] = expr.args as [Expr, Expr]
    const name = field.kind === 'literal' && typeof field.value === 'string' ? field.value : ''
    this.check(field)
    this.#calls.set(expr, { name: expr.name, operands: expr.args, overloads: [] })
    return substitute(this.#mapping, this.#field(expr, { operand, field: name, isOptional: true }))
  }

  #resolve(
    expr: CallExpr,
    { name, operands, isMember }: { name: string; operands: readonly Expr[]; isMember: boolean },
  ): CelType {
    const candidates = this.#names.functions.get(name)
    if (!candidates) return this.#undeclared(expr, expr.name)
    const types = operands.map((operand) => this.#types.get(operand)!)
    if (name === '_&&_' || name === '_||_') return this.#logical(expr, types)
    const fitting = candidates.filter((one) => one.isMember === isMember)
    const resolved = resolveOverloads(fitting, {
      mapping: this.#mapping,
      types,
      fresh: () => this.#newParameter(),
    })
    this.#mapping = resolved.mapping
    const { result, overloads } = resolved
    this.#calls.set(expr, { name, operands, overloads })
    return result ?? this.#noOverload(expr, { name, types, isMember })
  }

  #noOverload(
    at: Expr,
    { name, types, isMember }: { name: string; types: CelType[]; isMember: boolean },
  ): CelType {
    const known = types.map((type) => substitute(this.#mapping, type, true))
    const signature = signatureText(known, isMember)
    this.#report(at, `found no matching overload for '${name}' applied to '${signature}'`)
    return errorType
  }

  #logical(expr: CallExpr, types: CelType[]): CelType {
    let isRight = true
    for (const [index, type] of types.entries()) {
      if (this.#isAssignable(type, boolType)) continue
      this.#mismatch(expr.args[index]!, boolType, type)
      isRight = false
    }
    const overloads = this.#names.functions.get(expr.name)!
    this.#calls.set(expr, { name: expr.name, operands: expr.args, overloads })
    return isRight ? boolType : errorType
  }

  #newParameter(): CelType {
    return { kind: 'parameter', name: `_var${this.#fresh++}` }
  }

  #isAssignable(a: CelType, b: CelType): boolean {
    const mapping = assign(this.#mapping, a, b)
    if (mapping) this.#mapping = mapping
    return mapping !== undefined
  }

  /** The type that takes both, in the elements of a literal. */
  #join({ at, of }: { at: Expr; of: Expr }, previous: CelType | undefined, current: CelType): CelType {
    if (!previous) return current
    if (this.#isAssignable(previous, current)) return mostGeneral(previous, current)
    this.#mixed.push({ position: at.position, message: mismatchText(previous, current), of })
    return dynType
  }

  /** What `?element` holds. */
  #optionalInner(at: Expr, type: CelType): CelType {
    const { inner, isOptional } = unwrapOptional(type)
    if (!isOptional && inner.kind !== 'dyn') this.#mismatch(at, optionalOf(inner), inner)
    return inner
  }

  #list(expr: ListExpr): CelType {
    const { elements, optional } = expr
    let joined: CelType | undefined
    for (const [index, element] of elements.entries()) {
      const type = this.check(element)
      joined = this.#join(
        { at: element, of: expr },
        joined,
        optional.has(index) ? this.#optionalInner(element, type) : type,
      )
    }
    return listOf(joined ?? this.#newParameter())
  }

  #map(expr: MapExpr): CelType {
    let keys: CelType | undefined
    let values: CelType | undefined
    for (const { key, value, isOptional } of expr.entries) {
      keys = this.#join({ at: key, of: expr }, keys, this.check(key))
      const type = this.check(value)
      values = this.#join(
        { at: value, of: expr },
        values,
        isOptional ? this.#optionalInner(value, type) : type,
      )
    }
    return mapOf(keys ?? this.#newParameter(), values ?? this.#newParameter())
  }

  #struct(expr: StructExpr): CelType {
    const name = expr.name.replace(/^\./, '')
    const type = this.#names.structs(name)
    if (!type) return this.#undeclared(expr, expr.name)
    for (const field of expr.fields) {
      const given = this.check(field.value)
      const value = field.isOptional ? this.#optionalInner(field.value, given) : given
      const { type: wanted, problem } = memberOf(type, field.name)
      if (problem !== undefined) this.#report(field, problem)
      if (problem !== undefined || this.#isAssignable(wanted, value)) continue
      const message = `expected type of field '${field.name}' is '${formatType(wanted)}' but provided type is '${formatType(value)}'`
      this.#report(field, message)
    }
    return type
  }

  #comprehension(expr: ComprehensionExpr): CelType {
    this.check(expr.range)
    const accumulated = this.check(expr.initial)
    const range = substitute(this.#mapping, this.#types.get(expr.range)!)
    this.#scopes.push(new Map([[expr.accumulator, accumulated]]))
    this.#scopes.push(this.#iterationScope(expr, range))
    this.#expect(expr.condition, boolType)
    this.#expect(expr.step, accumulated)
    this.#scopes.pop()
    const result = this.check(expr.result)
    this.#scopes.pop()
    return substitute(this.#mapping, result)
  }

  #iterationScope(expr: ComprehensionExpr, range: CelType): Map<string, CelType> {
    const { variable, variable2 } = expr
    // What is not known to be a list or map is taken as it comes.
    if (range.kind === 'parameter') this.#isAssignable(dynType, range)
    const [first, second] = iterationTypes(range, variable2 !== undefined)
    if (first.kind === 'error' && range.kind !== 'error') {
      const message = `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`
      this.#report(expr.range, message)
    }
    const scope = new Map([[variable, first]])
    if (variable2 !== undefined) scope.set(variable2, second)
    return scope
  }

  #expect(expr: Expr, wanted: CelType): void {
    const found = this.check(expr)
    if (!this.#isAssignable(wanted, found)) this.#mismatch(expr, wanted, found)
  }
}
