/** Leaf types, by how their JSON is checked and written. */
export type ScalarType =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'number'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'

/**
 * A type of the API with its references resolved, shared by decoding, patches and apply. Children are built at first
 * use, since types may contain themselves.
 */
export type SchemaNode = StructNode | MapNode | ListNode | ScalarNode | AnyNode

export interface StructNode {
  readonly kind: 'struct'
  /** Type name in messages: `DeploymentSpec`; '' for an unnamed one. */
  readonly name: string
  readonly fields: ReadonlyMap<string, FieldNode>
  /** Whether it is owned and replaced as a whole (x-kubernetes-map-type: atomic). */
  readonly atomic: boolean
  /** The type of members that are no fields, where such are kept (x-kubernetes-preserve-unknown-fields). */
  readonly rest?: SchemaNode | undefined
  /** What a value may be instead: such a value is kept as it is. */
  readonly alternative?: 'boolean' | 'list' | undefined
}

export interface MapNode {
  readonly kind: 'map'
  readonly values: SchemaNode
  readonly atomic: boolean
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: SchemaNode
  readonly listType: 'atomic' | 'set' | 'map'
  /** For `map` lists: the fields that identify an item. */
  readonly mapKeys: readonly string[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly scalar: ScalarType
}

/** Anything goes: RawExtension, JSON, FieldsV1, or preserved unknown fields. */
export interface AnyNode {
  readonly kind: 'any'
  /** Whether nobody ever changes such a value in place, so that it need not be copied: FieldsV1. */
  readonly isShared?: boolean
}

/** A property of a struct. */
export interface FieldNode {
  readonly name: string
  readonly node: SchemaNode
  /** Go type in messages: `int32`, `[]v1.Container`. */
  readonly typeText: string
  /**
   * What becomes of a zero value: `drop` leaves it out (omitempty), `keep` takes it as it is (pointer), `fill` writes
   * it even when the client sent none (a Go value without omitempty, or an embedded object, which Go always prints).
   */
  readonly zero: 'drop' | 'keep' | 'fill'
  /**
   * Whether Go writes `null` where there is no value: a list or map that is no pointer, without omitempty, or a time, which
   * omitempty does not leave out.
   */
  readonly printsNull: boolean
  readonly required: boolean
  /** A default with effect, such as `TCP`; undefined when there is none. */
  readonly defaultValue: unknown
  /** What identifies an item of a list that leaves this field out, be it Go's zero value; undefined where nothing does. */
  readonly keyDefault: unknown
  /** Strategic merge patch: the field that identifies items of this list. */
  readonly mergeKey: string | undefined
  /** Strategic merge patch: `merge`, `replace`, `retainKeys`. */
  readonly patchStrategies: readonly string[]
}
