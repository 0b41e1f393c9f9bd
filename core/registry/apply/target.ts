import type { KindSchema } from '../schema/kind-schema.ts'
import type { FieldsPool } from './fields-pool.ts'
import type { KindVersions } from './versions.ts'
import type { Writer } from './writer.ts'

/** Where fields are owned: a kind, in the version of whoever writes. */
export interface FieldManagerTarget {
  schema: KindSchema
  writer: Writer
  pool: FieldsPool
  /** Versions in which the same objects are served: who wrote there owns fields of that version. */
  versions: KindVersions
  /** Whether objects can be had in a version at all; left out, in every one. */
  isKnown?(apiVersion: string): boolean
  /** Custom resources are converted from any version to any other. */
  isCustom?: boolean
}
