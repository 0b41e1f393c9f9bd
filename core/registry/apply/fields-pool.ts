import type { KubeObject } from '../../api/meta.ts'
import { shareFields } from '../../storage/stored-text.ts'
import type { KindSchema } from '../schema/kind-schema.ts'
import type { FieldsV1, FieldSet } from './field-set.ts'
import { difference, formatFieldsV1, parseFieldsV1, union } from './field-set.ts'
import { Shapes } from './shapes.ts'

/** How much is remembered of the shapes of a kind: a pod takes some 150 steps, those of one sort share them. */
const maxShapeSteps = 16_384
/** How many sets are remembered by what is in them, and up to which length of their text. */
const maxInterned = 2_048
const maxInternedLength = 8_192
/** Sets of more places than this have a longer text. */
const maxInternedElements = maxInternedLength / 2

/**
 * The fieldsV1 of managedFields, each kept once: most objects are of few shapes, so that thousands of them share a few
 * trees, and most writes find theirs read already.
 */
export interface FieldsPool {
  /** The set that fieldsV1 tell of; what is no object tells of nothing. */
  read(fieldsV1: unknown): FieldSet
  /** The fieldsV1 of a set; the same frozen object for equal sets. */
  write(set: FieldSet): FieldsV1
  /** The one set that stands for all that hold the same, so that what is made of it need not be made again. */
  intern(set: FieldSet): FieldSet
  /** `union` of two sets, remembered as long as both live. */
  union(a: FieldSet, b: FieldSet): FieldSet
  /** `difference` of two sets, remembered as long as both live. */
  difference(a: FieldSet, b: FieldSet): FieldSet
  /** What `fieldsOf` gives for an object of this shape, asked once per shape. */
  ofShape(object: KubeObject, of: ShapeOwner, fieldsOf: () => FieldSet): FieldsV1
}

/** Under which type, and through which endpoint, an object has its fields. */
export interface ShapeOwner {
  schema: KindSchema
  writer: { subresource: string | undefined }
}

/** A text that is the same for sets that hold the same in the same order, and costs less than fieldsV1. */
function textOfSet({ isMember, children }: FieldSet): string {
  let text = isMember ? '.' : ''
  // The length keeps apart elements that look like two: keys of maps may be any text.
  for (const [element, child] of children) text += `{${element.length}:${element}${textOfSet(child)}}`
  return text
}

/** How many places a set has, or more than `limit`. */
function countElements({ children }: FieldSet, limit: number): number {
  let count = children.size
  if (count > limit) return count
  for (const child of children.values()) {
    if (child.children.size > 0) count += countElements(child, limit - count)
    if (count > limit) break
  }
  return count
}

type Operation = (a: FieldSet, b: FieldSet) => FieldSet

function remembered(operation: Operation): Operation {
  const known = new WeakMap<FieldSet, WeakMap<FieldSet, FieldSet>>()
  return (a, b) => {
    let results = known.get(a)
    if (!results) known.set(a, (results = new WeakMap<FieldSet, FieldSet>()))
    let result = results.get(b)
    if (!result) results.set(b, (result = operation(a, b)))
    return result
  }
}

/** Creates an empty pool. */
export function createFieldsPool(): FieldsPool {
  const sets = new WeakMap<object, FieldSet>()
  const written = new WeakMap<FieldSet, FieldsV1>()
  const shapes = new WeakMap<KindSchema, Shapes<FieldsV1>>()
  const interned = new Map<string, FieldSet>()
  function write(set: FieldSet): FieldsV1 {
    let fields = written.get(set)
    if (fields) return fields
    fields = shareFields(formatFieldsV1(set)) as FieldsV1
    written.set(set, fields)
    if (!sets.has(fields)) sets.set(fields, set)
    return fields
  }

  return {
    ofShape(object, { schema, writer }, fieldsOf) {
      let known = shapes.get(schema)
      if (!known) shapes.set(schema, (known = new Shapes<FieldsV1>(maxShapeSteps)))
      const place = known.placeOf(writer.subresource ?? '', object, schema.node)
      return place ? (place.content ??= write(fieldsOf())) : write(fieldsOf())
    },
    read(fieldsV1) {
      if (typeof fieldsV1 !== 'object' || fieldsV1 === null) return parseFieldsV1(undefined)
      let set = sets.get(fieldsV1)
      if (!set) sets.set(fieldsV1, (set = parseFieldsV1(fieldsV1)))
      return set
    },
    write,
    intern(set) {
      if (countElements(set, maxInternedElements) > maxInternedElements) return set
      const text = textOfSet(set)
      let known = interned.get(text)
      if (known) return known
      known = sets.get(write(set)) ?? set
      if (interned.size >= maxInterned) interned.delete(interned.keys().next().value!)
      if (text.length <= maxInternedLength) interned.set(text, known)
      return known
    },
    union: remembered(union),
    difference: remembered(difference),
  }
}
