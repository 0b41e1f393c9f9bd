import { cloneJson } from './clone-json.ts'
import { DecodeError } from './decode-error.ts'
import type { DecodeState } from './decode-error.ts'
import type { FieldNode, ListNode, MapNode, SchemaNode, StructNode } from './node.ts'
import { scalarDecoders, zeroScalar } from './scalars.ts'

/** Deeper than any real object; keeps hostile bodies from exhausting the stack. */
const maxDepth = 500

/** Checks and copies one value; undefined when Go would write nothing for it. */
type Decode = (value: unknown, state: DecodeState) => unknown

/**
 * Compiles a decoder for a type: it copies a JSON value as Go would read it into the type and write it again. Unknown
 * fields are left out and noted in the state, nulls dropped, `omitempty` zeros dropped, Go's always-written values
 * filled in, defaults with effect applied, quantities and times made canonical. The input is never changed and shares
 * no object with the result, but for what nobody changes (fieldsV1). Throws DecodeError for a value of the wrong type. `cache` keeps what is compiled.
 */
export function compileDecoder(node: SchemaNode, cache: WeakMap<SchemaNode, Decode>): Decode {
  const known = cache.get(node)
  if (known) return known
  const decode = compile(node, cache)
  cache.set(node, decode)
  return decode
}

function compile(node: SchemaNode, cache: WeakMap<SchemaNode, Decode>): Decode {
  switch (node.kind) {
    case 'struct':
      return compileStruct(node, cache)
    case 'map':
      return compileMap(node, cache)
    case 'list':
      return compileList(node, cache)
    case 'scalar': {
      const decode = scalarDecoders[node.scalar]
      const typeText = { bool: 'bool', bytes: '[]uint8' }[node.scalar as string] ?? node.scalar
      return (value, state) => decode(value, state, typeText)
    }
    case 'any':
      return node.isShared ? (value) => value : cloneJson
  }
}

interface CompiledField {
  name: string
  decode: Decode
  drop: boolean
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAlternative(node: SchemaNode, value: unknown): boolean {
  if (node.kind !== 'struct' || !node.alternative) return false
  return node.alternative === 'list' ? Array.isArray(value) : typeof value === 'boolean'
}

function enter(state: DecodeState, segment: string | number): void {
  if (state.path.push(segment) > maxDepth) throw new DecodeError('exceeded max depth')
}

function compileStruct(node: StructNode, cache: WeakMap<SchemaNode, Decode>): Decode {
  let fields: Map<string, CompiledField> | undefined
  let fills: { name: string; fill: (state: DecodeState) => unknown }[] = []
  const prepare = (): Map<string, CompiledField> => {
    fields = new Map()
    fills = []
    for (const field of node.fields.values()) {
      fields.set(field.name, compileField(field, cache))
      const fill = fillOf(field, cache)
      if (fill) fills.push({ name: field.name, fill })
    }
    return fields
  }
  return (value, state) => {
    if (isAlternative(node, value)) return cloneJson(value)
    if (!isObject(value)) return state.typeError(value, node.name ? `v1.${node.name}` : 'object', 'struct')
    const compiled = fields ?? prepare()
    const copy: Record<string, unknown> = {}
    state.structs.push(node.name)
    for (const key of Object.keys(value)) {
      const field = compiled.get(key)
      if (!field) {
        state.unknown(key)
        continue
      }
      const raw = value[key]
      if (raw === null || raw === undefined) continue
      enter(state, key)
      const decoded = field.decode(raw, state)
      state.path.pop()
      if (decoded === undefined || (field.drop && isZero(decoded))) continue
      copy[key] = decoded
    }
    for (const { name, fill } of fills) {
      if (copy[name] === undefined || copy[name] === '') copy[name] = fill(state)
    }
    state.structs.pop()
    return copy
  }
}

function compileField(field: FieldNode, cache: WeakMap<SchemaNode, Decode>): CompiledField {
  const { name, node, typeText } = field
  const drop = field.zero === 'drop'
  if (node.kind === 'scalar') {
    const decode = scalarDecoders[node.scalar]
    return { name, drop, decode: (value, state) => decode(value, state, typeText) }
  }
  const decode = compileDecoder(node, cache)
  if (node.kind === 'any') return { name, drop, decode }
  const isRight = (value: unknown): boolean =>
    node.kind === 'list' ? Array.isArray(value) : isObject(value) || isAlternative(node, value)
  return {
    name,
    drop,
    decode: (value, state) =>
      isRight(value)
        ? decode(value, state)
        : state.typeError(value, typeText, node.kind === 'struct' ? 'struct' : undefined),
  }
}

/** What to write for a field that came without a value. */
function fillOf(
  field: FieldNode,
  cache: WeakMap<SchemaNode, Decode>,
): ((state: DecodeState) => unknown) | undefined {
  const { node, defaultValue } = field
  if (defaultValue !== undefined) return () => defaultValue
  if (field.zero !== 'fill') return undefined
  if (node.kind === 'struct' ? 'struct' : undefined) {
    const decode = compileDecoder(node, cache)
    return (state) => decode({}, state)
  }
  const zero = node.kind === 'scalar' ? zeroScalar(node.scalar) : undefined
  return zero === undefined ? undefined : () => zero
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

function compileMap(node: MapNode, cache: WeakMap<SchemaNode, Decode>): Decode {
  const decode = compileDecoder(node.values, cache)
  const zero = zeroItem(node.values)
  return (value, state) => {
    if (!isObject(value)) return state.typeError(value, 'map[string]string')
    const copy: Record<string, unknown> = {}
    state.keyDepths.push(state.path.length)
    for (const key of Object.keys(value)) {
      if (key === '__proto__') {
        state.unknown(key)
        continue
      }
      enter(state, key)
      const raw = value[key] ?? zero
      if (raw !== undefined) copy[key] = decode(raw, state)
      state.path.pop()
    }
    state.keyDepths.pop()
    return copy
  }
}

function compileList(node: ListNode, cache: WeakMap<SchemaNode, Decode>): Decode {
  let decode: Decode | undefined
  const zero = (): unknown => zeroItem(node.items)
  return (value, state) => {
    if (!Array.isArray(value)) return state.typeError(value, '[]interface {}')
    decode ??= compileDecoder(node.items, cache)
    const copy: unknown[] = []
    for (let index = 0; index < value.length; index++) {
      const raw: unknown = value[index] ?? zero()
      if (raw === undefined) continue
      enter(state, index)
      copy.push(decode(raw, state))
      state.path.pop()
    }
    return copy
  }
}

/** A null inside a list or map is Go's zero value of the item. */
function zeroItem(node: SchemaNode): unknown {
  if (node.kind === 'scalar') return zeroScalar(node.scalar)
  return node.kind === 'list' ? [] : node.kind === 'any' ? undefined : {}
}
