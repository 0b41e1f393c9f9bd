import type { FlatGoField } from './go-type.ts'
import type { FieldNode, ListNode, MapNode, SchemaNode, StructNode } from './node.ts'
import type { Schema } from './schema.ts'

/** A field of which nothing is told but its name and what becomes of its zero value. */
export function bareField(name: string, zero: FieldNode['zero']): FieldFacts {
  return { name, property: {}, go: undefined, required: false, zero }
}

/** What the schema and the Go type say of a field. */
interface FieldFacts {
  name: string
  property: Schema
  go: FlatGoField | undefined
  required: boolean
  /** Instead of what the facts say. */
  zero?: FieldNode['zero']
}

/** A field whose type is built when it is first asked for: types may hold themselves. */
export class LazyField implements FieldNode {
  readonly name: string
  readonly typeText: string
  readonly zero: 'drop' | 'keep' | 'fill'
  readonly printsNull: boolean
  readonly required: boolean
  readonly defaultValue: unknown
  readonly keyDefault: unknown
  readonly mergeKey: string | undefined
  readonly patchStrategies: readonly string[]
  #build: () => SchemaNode
  #node: SchemaNode | undefined

  constructor(facts: FieldFacts, build: () => SchemaNode) {
    const { name, property, go, required } = facts
    this.name = name
    this.typeText = go?.text ?? property.type ?? 'object'
    this.zero = facts.zero ?? zeroRule(facts)
    const isSeveral = go?.type.kind === 'list' || go?.type.kind === 'map'
    const isTime = go?.type.kind === 'special' && /Time$/.test(go.type.special)
    this.printsNull = (isSeveral && !go.pointer && !go.omitempty) || (isTime && !go.pointer && !go.omitzero)
    this.required = required
    this.defaultValue = realDefault(property.default)
    this.keyDefault = typeof property.default === 'object' ? undefined : property.default
    this.mergeKey = property['x-kubernetes-patch-merge-key']
    this.patchStrategies = property['x-kubernetes-patch-strategy']?.split(',') ?? []
    this.#build = build
  }

  get node(): SchemaNode {
    return (this.#node ??= this.#build())
  }
}

/** `{}`, '' , 0 and false in the facts say that Go has a value and no pointer there; they are not defaults. */
function realDefault(value: unknown): unknown {
  if (typeof value === 'object') return undefined
  return value === '' || value === 0 || value === false ? undefined : value
}

function zeroRule({ property, go, required }: FieldFacts): 'drop' | 'keep' | 'fill' {
  if (!go) {
    const embedded = property.$ref !== undefined && typeof property.default === 'object'
    return embedded || (required && property.default !== undefined) ? 'fill' : 'keep'
  }
  if (go.pointer) return 'keep'
  switch (go.type.kind) {
    case 'struct':
      return go.omitzero ? 'drop' : 'fill'
    case 'special':
      return go.type.special === 'Quantity' ? 'fill' : 'keep'
    case 'primitive':
      return go.omitempty || go.omitzero ? 'drop' : go.type.primitive === 'bytes' ? 'keep' : 'fill'
    case 'list':
    case 'map':
      return go.omitempty ? 'drop' : 'keep'
  }
}

interface StructFacts {
  name?: string
  atomic?: boolean
  rest?: SchemaNode | undefined
  alternative?: StructNode['alternative']
}

/** A struct whose fields are built when they are first asked for. */
export class LazyStruct implements StructNode {
  readonly kind = 'struct'
  readonly name: string
  readonly atomic: boolean
  readonly rest: SchemaNode | undefined
  readonly alternative: StructNode['alternative']
  #build: () => ReadonlyMap<string, FieldNode>
  #fields: ReadonlyMap<string, FieldNode> | undefined

  constructor(
    { name = '', atomic = false, rest, alternative }: StructFacts,
    build: () => ReadonlyMap<string, FieldNode>,
  ) {
    this.name = name
    this.atomic = atomic
    this.#build = build
    this.rest = rest
    this.alternative = alternative
  }

  get fields(): ReadonlyMap<string, FieldNode> {
    return (this.#fields ??= this.#build())
  }
}

/** A map whose values are. */
export class LazyMap implements MapNode {
  readonly kind = 'map'
  readonly atomic: boolean
  #build: () => SchemaNode
  #values: SchemaNode | undefined

  constructor(atomic: boolean, build: () => SchemaNode) {
    this.atomic = atomic
    this.#build = build
  }

  get values(): SchemaNode {
    return (this.#values ??= this.#build())
  }
}

/** A list whose items are. */
export class LazyList implements ListNode {
  readonly kind = 'list'
  readonly listType: 'atomic' | 'set' | 'map'
  readonly mapKeys: readonly string[]
  #build: () => SchemaNode
  #items: SchemaNode | undefined

  constructor(schema: Schema, build: () => SchemaNode) {
    this.listType = schema['x-kubernetes-list-type'] ?? 'atomic'
    this.mapKeys = schema['x-kubernetes-list-map-keys'] ?? []
    this.#build = build
  }

  get items(): SchemaNode {
    return (this.#items ??= this.#build())
  }
}
