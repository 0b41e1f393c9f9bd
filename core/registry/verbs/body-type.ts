import { isCustom } from '../kind.ts'
import type { KindSchema, SchemaCompiler } from '../schema/kind-schema.ts'
import type { ResourceScope } from './scope.ts'

/** The type a body must have. */
export interface BodyType {
  group: string
  version: string
  kind: string
  schema: KindSchema
  /** Finds the types that a body claims to be. */
  schemas: SchemaCompiler
  /** Of a custom resource: a body must say what it is. */
  isCustom?: boolean
}

/** The type of a resource's own objects. */
export function bodyTypeOf({ definition, schema, schemas }: ResourceScope): BodyType {
  const { group, version, kind } = definition
  return { group, version, kind, schema, schemas, isCustom: isCustom(definition) }
}
