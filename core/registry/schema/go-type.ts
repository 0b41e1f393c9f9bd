import type { ApiFacts } from './api-facts.ts'
import type { GoField } from './go-field.ts'

/** Go types with a JSON form of their own, by their last name. */
export type GoSpecial =
  | 'Time'
  | 'MicroTime'
  | 'Duration'
  | 'Quantity'
  | 'IntOrString'
  | 'RawExtension'
  | 'FieldsV1'
  | 'JSON'
  | 'JSONSchemaPropsOrArray'
  | 'JSONSchemaPropsOrBool'
  | 'JSONSchemaPropsOrStringArray'

export type GoPrimitive = 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes'

/** What a Go type expression means, with the names resolved. */
export type GoType =
  | { kind: 'primitive'; primitive: GoPrimitive }
  | { kind: 'special'; special: GoSpecial }
  | { kind: 'struct'; name: string }
  /** `named`: a named slice type, which protobuf wraps in a message of its own where it is not a plain field. */
  | { kind: 'list'; items: GoType; named: boolean }
  | { kind: 'map'; values: GoType }

/** One JSON field of a Go struct, embedded structs flattened. */
export interface FlatGoField {
  json: string
  type: GoType
  /** The type as Go prints it in messages, e.g. `v1.PodSpec`, `int32`. */
  text: string
  pointer: boolean
  omitempty: boolean
  omitzero: boolean
}

const specials = new Set<string>([
  'Time',
  'MicroTime',
  'Duration',
  'Quantity',
  'IntOrString',
  'RawExtension',
  'FieldsV1',
  'JSON',
  'JSONSchemaPropsOrArray',
  'JSONSchemaPropsOrBool',
  'JSONSchemaPropsOrStringArray',
])

const primitives: Record<string, GoPrimitive> = {
  string: 'string',
  bool: 'bool',
  int: 'int64',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
}

const metaPackage = 'k8s.io/apimachinery/pkg/apis/meta/v1'
/** Packages that an import alias may stand for; tried in order. */
const importAliases: Record<string, string[]> = {
  metav1: [metaPackage],
  corev1: ['k8s.io/api/core/v1'],
  apiv1: ['k8s.io/api/core/v1'],
  v1: [metaPackage, 'k8s.io/api/core/v1', 'k8s.io/api/authentication/v1', 'k8s.io/api/coordination/v1'],
  authenticationv1: ['k8s.io/api/authentication/v1'],
  authorizationv1: ['k8s.io/api/authorization/v1'],
  batchv1: ['k8s.io/api/batch/v1'],
  runtime: ['k8s.io/apimachinery/pkg/runtime'],
}

/** The package of a full Go name: `k8s.io/api/core/v1.Pod` → `k8s.io/api/core/v1`. */
export function packageOf(goName: string): string {
  return goName.slice(0, goName.lastIndexOf('.'))
}

/** Resolves a Go type expression as written in `packageName`; a leading pointer is ignored. */
export function resolveGoType(facts: ApiFacts, packageName: string, expression: string): GoType {
  const text = expression.startsWith('*') ? expression.slice(1) : expression
  if (text === '[]byte') return { kind: 'primitive', primitive: 'bytes' }
  if (text.startsWith('[]')) {
    return { kind: 'list', items: resolveGoType(facts, packageName, text.slice(2)), named: false }
  }
  const map = /^map\[[^\]]+\](.+)$/.exec(text)
  if (map) return { kind: 'map', values: resolveGoType(facts, packageName, map[1]!) }
  const primitive = Object.hasOwn(primitives, text) ? primitives[text] : undefined
  if (primitive) return { kind: 'primitive', primitive }
  return resolveNamed(facts, packageName, text)
}

function resolveNamed(facts: ApiFacts, packageName: string, text: string): GoType {
  const dot = text.indexOf('.')
  const last = dot < 0 ? text : text.slice(dot + 1)
  if (specials.has(last)) return { kind: 'special', special: last as GoSpecial }
  const packages = dot < 0 ? [packageName] : (importAliases[text.slice(0, dot)] ?? [])
  for (const candidate of packages) {
    const name = `${candidate}.${last}`
    if (facts.goStruct(name)) return { kind: 'struct', name }
    const alias = facts.goAlias(name)
    if (alias === undefined) continue
    const type = resolveGoType(facts, candidate, alias)
    return type.kind === 'list' ? { ...type, named: true } : type
  }
  // Older group-versions define their types by those of v1.
  const stable = packageName.replace(/\/v1(alpha|beta)\d+$/, '/v1')
  if (dot < 0 && stable !== packageName) return resolveNamed(facts, stable, text)
  // What is left are string types of packages that the facts do not list, such as types.UID.
  return { kind: 'primitive', primitive: 'string' }
}

/** The JSON fields of a struct, those of embedded structs included, or undefined for an unknown name. */
export function flatFields(facts: ApiFacts, goName: string): FlatGoField[] | undefined {
  const own = facts.goStruct(goName)
  if (!own) return undefined
  const packageName = packageOf(goName)
  return own.flatMap((field): FlatGoField[] => {
    if (field.json === '-') return []
    const type = resolveGoType(facts, packageName, field.go)
    if (field.json !== '') return [flat(field, type, packageName)]
    return type.kind === 'struct' ? (flatFields(facts, type.name) ?? []) : []
  })
}

function flat(field: GoField, type: GoType, packageName: string): FlatGoField {
  const { json, omitempty, omitzero } = field
  const pointer = field.go.startsWith('*')
  return { json, type, text: goText(field.go, packageName), pointer, omitempty, omitzero }
}

/** How Go prints a type in an error: without the pointer, with its short package. */
function goText(go: string, packageName: string): string {
  const text = go.replace(/^\*/, '')
  const list = /^(\[\]|map\[[^\]]+\])(.+)$/.exec(text)
  if (list) return list[1]! + goText(list[2]!, packageName)
  if (text.includes('.') || /^[a-z]/.test(text)) return text.replace(/^(meta|core|api)v1\./, 'v1.')
  return `${packageName.slice(packageName.lastIndexOf('/') + 1)}.${text}`
}
