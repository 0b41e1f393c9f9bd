import type { CelType } from '../cel-type.ts'
import type { Names, Reference } from './checked.ts'
import { typeNames } from './type-names.ts'

/** What a name of an expression stands for: a variable of a comprehension, one that was declared, or a type. */
export class Scopes {
  readonly #names: Names
  readonly #local: ReadonlyMap<string, CelType>[] = []
  /** The declared variables that were found so far. */
  readonly variables = new Set<string>()

  constructor(names: Names) {
    this.#names = names
  }

  /** From here on these variables hide others of their names, until `pop`. */
  push(scope: ReadonlyMap<string, CelType>): void {
    this.#local.push(scope)
  }

  pop(): void {
    this.#local.pop()
  }

  /** Whether a comprehension around has a variable of this name. */
  isLocal(name: string): boolean {
    return this.#local.some((scope) => scope.has(name))
  }

  /** The type of a name, with a leading dot where it is not to be looked for in comprehensions; undefined if there is none. */
  find(given: string): { type: CelType; reference: Reference } | undefined {
    const name = given.replace(/^\./, '')
    for (const scope of name === given ? this.#local.toReversed() : []) {
      const local = scope.get(name)
      if (local) return { type: local, reference: { kind: 'variable', name } }
    }
    const variable = this.#names.variables.get(name)
    if (variable) {
      this.variables.add(name)
      return { type: variable, reference: { kind: 'variable', name } }
    }
    const type = (Object.hasOwn(typeNames, name) ? typeNames[name] : undefined) ?? this.#names.structs(name)
    return type && { type: { kind: 'type', of: type }, reference: { kind: 'type', name } }
  }
}
