import type { KubeObject } from '../../api/meta.ts'
import type { SchemaNode, StructNode } from '../schema/node.ts'
import type { FieldSet } from './field-set.ts'
import { SetBuilder } from './set-builder.ts'
import type { ElementPath } from './set-builder.ts'
import { isAtomic, isMembers, itemElement, memberNode, namedField } from './typed-value.ts'

/**
 * The fields that a new object sets: how it differs from an empty object of its kind, which Go writes with all its
 * structs, and with nulls for lists without `omitempty` (upstream: handlers/create.go, FieldManager.Update of New()).
 */
export function newObjectFields(object: KubeObject, node: SchemaNode): FieldSet {
  const walk = new NewFieldsWalk()
  if (node.kind === 'struct') walk.shell(object, node)
  else walk.whole(object, node)
  return walk.fields.set
}

class NewFieldsWalk {
  readonly #path: ElementPath = []
  readonly fields = new SetBuilder(this.#path)

  /** A struct that the empty object has too: only what is in it is new. */
  shell(value: unknown, node: StructNode): void {
    if (!isMembers(value)) return
    for (const name in value) {
      const member = value[name]
      if (member === undefined) continue
      const field = namedField(node, name)
      this.#path.push(`f:${name}`)
      if (field?.zero === 'fill' && field.node.kind === 'struct' && !field.node.atomic) {
        this.shell(member, field.node)
      } else if (field?.zero === 'fill' && (isZero(member) || isEmptyStruct(member))) {
        // As the empty object has it.
      } else if (field?.printsNull && field.node.kind === 'list' && !isAtomic(field.node)) {
        this.#items(member, field.node)
      } else this.whole(member, memberNode(node, name))
      this.#path.pop()
    }
  }

  /** A value that the empty object has nothing of. */
  whole(value: unknown, node: SchemaNode): void {
    if (!isAtomic(node)) {
      if (node.kind === 'list') this.#items(value, node)
      else if (isMembers(value)) {
        for (const name in value) {
          const member = value[name]
          if (member === undefined) continue
          this.#path.push(`f:${name}`)
          this.whole(member, memberNode(node, name))
          this.#path.pop()
        }
        this.#nulls(value, node)
      }
    }
    this.fields.mark()
  }

  /** Lists and times that Go writes as null where there are none. */
  #nulls(value: Record<string, unknown>, node: SchemaNode): void {
    for (const name of nullMembers(node)) {
      if (value[name] !== undefined) continue
      this.#path.push(`f:${name}`)
      this.fields.mark()
      this.#path.pop()
    }
  }

  #items(value: unknown, node: SchemaNode): void {
    if (node.kind !== 'list' || !Array.isArray(value)) return
    const items = value as unknown[]
    const elements = items.map((item) => itemElement(node, item))
    const shared = repeatedOf(elements)
    for (const [index, element] of elements.entries()) {
      this.#path.push(element)
      // Of items that share a key nobody can own a part.
      if (shared?.has(element)) this.fields.mark()
      else this.whole(items[index], node.items)
      this.#path.pop()
    }
  }
}

/** Those that are there more than once; undefined where none is. */
function repeatedOf(elements: readonly string[]): Set<string> | undefined {
  const seen = new Set(elements)
  if (seen.size === elements.length) return undefined
  const repeated = new Set<string>()
  for (const element of elements) if (!seen.delete(element)) repeated.add(element)
  return repeated
}

const knownNulls = new WeakMap<SchemaNode, readonly string[]>()

/** The lists and times of a struct that Go writes as null where there are none. */
export function nullMembers(node: SchemaNode): readonly string[] {
  if (node.kind !== 'struct') return []
  let names = knownNulls.get(node)
  if (!names) {
    names = [...node.fields.values()]
      .filter(({ printsNull, node: { kind } }) => printsNull && kind !== 'map')
      .map(({ name }) => name)
    knownNulls.set(node, names)
  }
  return names
}

/** Whether it is a struct, or a map, with nothing in it. */
export function isEmptyStruct(value: unknown): boolean {
  if (!isMembers(value)) return false
  for (const _ in value) return false
  return true
}

/** Whether it is what Go has where nothing was set. */
export function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || value === '0'
}
