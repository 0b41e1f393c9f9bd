import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GoField } from './go-field.ts'
import { metricsStructs } from './metrics-structs.ts'
import type { Schema } from './schema.ts'

interface InlineField {
  inline: string
}

interface ProtobufFacts {
  types: Record<string, (GoField | InlineField)[]>
  aliases: Record<string, string>
}

/** The generated facts about the built-in API, read from disk at first use. Names are full, as in the files. */
export interface ApiFacts {
  /** Every schema by name. */
  schemas(): Record<string, Schema>
  /** Schema by name, e.g. `io.k8s.api.core.v1.Pod`. */
  schema(name: string): Schema | undefined
  /** Fields of a Go struct by full name, e.g. `k8s.io/api/core/v1.Pod`; without its embedded TypeMeta. */
  goStruct(name: string): GoField[] | undefined
  /** What a named Go type that is no struct stands for, e.g. `string`. */
  goAlias(name: string): string | undefined
}

/** Go structs without fields, which the files leave out. */
const emptyStructs = new Set([
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.CustomResourceSubresourceStatus',
])

/** Where the facts lie in the repository; a bundle passes its own directory instead. */
const defaultSchemaDirectory = join(import.meta.dirname, '../../../resources/kubernetes')

/** Opens the facts in a directory that holds `schemas.json` and `protobuf-fields.json`; reads each once, when needed. */
export function openApiFacts(directory: string = defaultSchemaDirectory): ApiFacts {
  let schemas: Record<string, Schema> | undefined
  let protobuf: ProtobufFacts | undefined
  const read = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), 'utf8'))
  const loadProtobuf = (): ProtobufFacts => (protobuf ??= read('protobuf-fields.json') as ProtobufFacts)
  const loadSchemas = (): Record<string, Schema> =>
    (schemas ??= read('schemas.json') as Record<string, Schema>)
  return {
    schemas: loadSchemas,
    schema(name) {
      const all = loadSchemas()
      return Object.hasOwn(all, name) ? all[name] : undefined
    },
    goStruct(name) {
      const { types } = loadProtobuf()
      if (Object.hasOwn(metricsStructs, name)) return metricsStructs[name]
      if (emptyStructs.has(name)) return []
      const fields = Object.hasOwn(types, name) ? types[name] : undefined
      return fields?.filter((field): field is GoField => 'json' in field)
    },
    goAlias(name) {
      const { aliases } = loadProtobuf()
      return Object.hasOwn(aliases, name) ? aliases[name] : undefined
    },
  }
}

/** The Go name of a schema: `io.k8s.api.core.v1.Pod` → `k8s.io/api/core/v1.Pod`. */
export function goNameOfSchema(schemaName: string): string {
  const segments = schemaName.replace(/^io\.k8s\./, '').split('.')
  return `k8s.io/${segments.slice(0, -1).join('/')}.${segments.at(-1)!}`
}
