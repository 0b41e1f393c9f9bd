/** What a cost estimate may assume of values of a type (upstream: apiserver/pkg/cel DeclType). */
export interface Bounds {
  /** The most characters, bytes, items or members that a value has. */
  maxElements?: number
  /** The fewest bytes that a value takes as JSON. */
  minSerializedSize?: number
}

/** A type of CEL as the checker knows it (cel-go: common/types/types.go). Two are equal when `formatType` agrees. */
export type CelType = SimpleType | ListType | MapType | ObjectType | OpaqueType | TypeType | TypeParameter

export interface SimpleType extends Bounds {
  readonly kind:
    | 'bool'
    | 'bytes'
    | 'double'
    | 'duration'
    | 'dyn'
    | 'error'
    | 'int'
    | 'null'
    | 'string'
    | 'timestamp'
    | 'uint'
}
export interface ListType extends Bounds {
  readonly kind: 'list'
  readonly element: CelType
  /** How lists of a schema are compared and joined (x-kubernetes-list-type). */
  readonly listType?: 'set' | 'map'
  /** For `map` lists: what identifies an item. */
  readonly mapKeys?: readonly string[]
}
export interface MapType extends Bounds {
  readonly kind: 'map'
  readonly key: CelType
  readonly value: CelType
}
export interface ObjectType extends Bounds {
  readonly kind: 'object'
  readonly name: string
  /** By name in CEL, which is escaped where JSON's is no identifier. */
  readonly fields: ReadonlyMap<string, ObjectField>
}
export interface ObjectField {
  /** The name in JSON. */
  readonly property: string
  readonly type: CelType
}
/** A type of a library, such as `kubernetes.Quantity`, or `optional_type(T)`. */
export interface OpaqueType extends Bounds {
  readonly kind: 'opaque'
  readonly name: string
  readonly parameters: readonly CelType[]
}
/** The type of a type. */
export interface TypeType extends Bounds {
  readonly kind: 'type'
  readonly of?: CelType
}
/** Stands for any one type inside a signature, or for one not yet known while checking. */
export interface TypeParameter extends Bounds {
  readonly kind: 'parameter'
  readonly name: string
}

export const boolType: SimpleType = { kind: 'bool' }
export const bytesType: SimpleType = { kind: 'bytes' }
export const doubleType: SimpleType = { kind: 'double' }
const durationType: SimpleType = { kind: 'duration' }
/** Anything: checked when it is evaluated. */
export const dynType: SimpleType = { kind: 'dyn' }
export const errorType: SimpleType = { kind: 'error' }
export const intType: SimpleType = { kind: 'int' }
export const nullType: SimpleType = { kind: 'null' }
export const stringType: SimpleType = { kind: 'string' }
export const timestampType: SimpleType = { kind: 'timestamp' }
export const uintType: SimpleType = { kind: 'uint' }
/** Every type without parts that expressions and signatures may speak of. */
export const simpleTypes: readonly SimpleType[] = [
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  nullType,
  stringType,
  timestampType,
  uintType,
]

/** A list of values of one type. */
export function listOf(element: CelType, bounds?: Bounds): ListType {
  return { kind: 'list', element, ...bounds }
}
/** A map. */
export function mapOf(key: CelType, value: CelType, bounds?: Bounds): MapType {
  return { kind: 'map', key, value, ...bounds }
}
/** A type of a library. */
function opaqueType(name: string, parameters: CelType[] = []): OpaqueType {
  return { kind: 'opaque', name, parameters }
}
/** The types that Kubernetes adds, by the names that signatures use (upstream: apiserver/pkg/cel/library). */
export const libraryTypes = {
  URL: opaqueType('kubernetes.URL'),
  IP: opaqueType('net.IP'),
  CIDR: opaqueType('net.CIDR'),
  Quantity: opaqueType('kubernetes.Quantity'),
  Semver: opaqueType('kubernetes.Semver'),
  Format: opaqueType('kubernetes.NamedFormat'),
  Authorizer: opaqueType('kubernetes.authorization.Authorizer'),
  PathCheck: opaqueType('kubernetes.authorization.PathCheck'),
  GroupCheck: opaqueType('kubernetes.authorization.GroupCheck'),
  ResourceCheck: opaqueType('kubernetes.authorization.ResourceCheck'),
  Decision: opaqueType('kubernetes.authorization.Decision'),
} as const
/** A value that may be missing. */
export function optionalOf(type: CelType): OpaqueType {
  return opaqueType('optional_type', [type])
}
/** An object with fields of its own; `fields` by name in CEL. */
export function objectType(name: string, fields: Record<string, CelType>): ObjectType {
  const entries = Object.entries(fields).map(([property, type]) => [property, { property, type }] as const)
  return { kind: 'object', name, fields: new Map(entries) }
}

/** The T of `optional_type(T)`; undefined for other types. */
export function optionalElement(type: CelType): CelType | undefined {
  return type.kind === 'opaque' && type.name === 'optional_type' ? type.parameters[0] : undefined
}

/** The types inside a type. */
export function typeParameters(type: CelType): readonly CelType[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'map':
      return [type.key, type.value]
    case 'opaque':
      return type.parameters
    case 'type':
      return type.of ? [type.of] : []
    default:
      return []
  }
}

/** A type as cel-go prints it in messages (checker/format.go). */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'error':
      return '!error!'
    case 'object':
    case 'parameter':
      return type.name
    case 'list':
    case 'map':
    case 'opaque':
    case 'type': {
      const name = type.kind === 'opaque' ? type.name : type.kind
      const parameters = typeParameters(type)
      return parameters.length === 0 ? name : `${name}(${parameters.map(formatType).join(', ')})`
    }
    default:
      return type.kind
  }
}

/** Names of types where cel-go's `Type.String` differs from what its checker prints. */
const declaredNames: Partial<Record<CelType['kind'], string>> = {
  duration: 'google.protobuf.Duration',
  error: '!error!',
  null: 'null_type',
  timestamp: 'google.protobuf.Timestamp',
}

/** A type's own name, without what it has inside. */
export function typeName(type: CelType): string {
  return 'name' in type ? type.name : (declaredNames[type.kind] ?? type.kind)
}

/** A type as cel-go's `Type.String` prints it (common/types/types.go), which messages about results use. */
export function typeText(type: CelType): string {
  const parameters = typeParameters(type)
  return parameters.length === 0
    ? typeName(type)
    : `${typeName(type)}(${parameters.map(typeText).join(', ')})`
}
