import type { KubeObject } from '../../api/meta.ts'
import { shareFields } from '../../storage/stored-text.ts'
import type { KindSchema } from '../schema/kind-schema.ts'
import type { FieldsV1, FieldSet } from './field-set.ts'
import { formatFieldsV1, parseFieldsV1 } from './field-set.ts'
import { shapeText } from './new-fields.ts'

/** How many shapes are remembered of a kind, and up to which length of their text. */
const maxShapes = 512
const maxShapeLength = 8_192

/**
 * The fieldsV1 of managedFields, each kept once: most objects are of few shapes, so that thousands of them share a few
 * trees, and most writes find theirs read already.
 */
export interface FieldsPool {
  /** The set that fieldsV1 tell of; what is no object tells of nothing. */
  read(fieldsV1: unknown): FieldSet
  /** The fieldsV1 of a set; the same frozen object for equal sets. */
  write(set: FieldSet): FieldsV1
  /** What `fieldsOf` gives for an object of this shape, asked once per shape. */
  ofShape(object: KubeObject, of: ShapeOwner, fieldsOf: () => FieldSet): FieldsV1
}

/** Under which type, and through which endpoint, an object has its fields. */
export interface ShapeOwner {
  schema: KindSchema
  writer: { subresource: string | undefined }
}

/** Creates an empty pool. */
export function createFieldsPool(): FieldsPool {
  const sets = new WeakMap<object, FieldSet>()
  const written = new WeakMap<FieldSet, FieldsV1>()
  const shapes = new WeakMap<KindSchema, Map<string, FieldsV1>>()
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
      if (!known) shapes.set(schema, (known = new Map<string, FieldsV1>()))
      const shape = `${writer.subresource ?? ''}/${shapeText(object, schema.node)}`
      let fields = known.get(shape)
      if (fields) return fields
      fields = write(fieldsOf())
      if (known.size >= maxShapes) known.delete(known.keys().next().value!)
      if (shape.length <= maxShapeLength) known.set(shape, fields)
      return fields
    },
    read(fieldsV1) {
      if (typeof fieldsV1 !== 'object' || fieldsV1 === null) return parseFieldsV1(undefined)
      let set = sets.get(fieldsV1)
      if (!set) sets.set(fieldsV1, (set = parseFieldsV1(fieldsV1)))
      return set
    },
    write,
  }
}
