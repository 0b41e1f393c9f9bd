import { CelDouble, CelUint, isInt } from './numbers.ts'
import { CelList, CelMap } from './value.ts'
import type { CelValue } from './value.ts'

/** A list that an expression made. */
export class ArrayList extends CelList {
  readonly values: CelValue[]
  constructor(values: CelValue[]) {
    super()
    this.values = values
  }
  get length(): number {
    return this.values.length
  }
  at(index: number): CelValue {
    return this.values[index]!
  }
}

/** A key as it is compared: numbers of any type by value; undefined for what can be no key. */
function keyOf(key: CelValue): string | number | bigint | boolean | undefined {
  if (typeof key === 'string' || typeof key === 'boolean' || isInt(key)) return key
  if (key instanceof CelUint) {
    return key.value <= 9007199254740991n ? Number(key.value) : key.value
  }
  return key instanceof CelDouble && Number.isInteger(key.value) ? key.value : undefined
}

/** A map that an expression made. */
export class EntryMap extends CelMap {
  readonly typeName = 'map'
  readonly #entries = new Map<string | number | bigint | boolean, { key: CelValue; value: CelValue }>()

  get size(): number {
    return this.#entries.size
  }
  get(key: CelValue): CelValue | undefined {
    const found = keyOf(key)
    return found === undefined ? undefined : this.#entries.get(found)?.value
  }
  has(key: CelValue): boolean {
    const found = keyOf(key)
    return found !== undefined && this.#entries.has(found)
  }
  keys(): CelValue[] {
    return [...this.#entries.values()].map(({ key }) => key)
  }
  /** Adds a member; false when there is one of this key, undefined when the key cannot be one. */
  add(key: CelValue, value: CelValue): boolean | undefined {
    const found = keyOf(key)
    if (found === undefined || key instanceof CelDouble) return undefined
    if (this.#entries.has(found)) return false
    this.#entries.set(found, { key, value })
    return true
  }
}

/** An object that an expression made of a declared type, e.g. `Object{spec: …}`; absent fields are not set. */
export class StructValue extends CelMap {
  readonly typeName: string
  readonly fields: ReadonlyMap<string, CelValue>
  constructor(typeName: string, fields: ReadonlyMap<string, CelValue>) {
    super()
    this.typeName = typeName
    this.fields = fields
  }
  get size(): number {
    return this.fields.size
  }
  get(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined
  }
  has(key: CelValue): boolean {
    return typeof key === 'string' && this.fields.has(key)
  }
  keys(): CelValue[] {
    return [...this.fields.keys()]
  }
}

/** An object whose members are computed when they are first read, such as the `variables` of a policy. */
export class LazyObject extends CelMap {
  readonly typeName: string
  readonly #members: ReadonlyMap<string, () => CelValue>
  readonly #known = new Map<string, CelValue>()
  constructor(typeName: string, members: ReadonlyMap<string, () => CelValue>) {
    super()
    this.typeName = typeName
    this.#members = members
  }
  get size(): number {
    return this.#members.size
  }
  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const value = this.#members.get(key)?.()
    if (value !== undefined) this.#known.set(key, value)
    return value
  }
  has(key: CelValue): boolean {
    return typeof key === 'string' && this.#members.has(key)
  }
  keys(): CelValue[] {
    return [...this.#members.keys()]
  }
}
