import { parse } from 'yaml'
import type { KubeObject, ManagedFieldsEntry } from '../../../api/meta.ts'
import { StatusError } from '../../../api/status.ts'
import { createNodeSource } from '../../schema/build-nodes.ts'
import { openApiFacts } from '../../schema/api-facts.ts'
import { createSchemaCompiler } from '../../schema/kind-schema.ts'
import type { KindSchema } from '../../schema/kind-schema.ts'
import type { Schema } from '../../schema/schema.ts'
import { applyConfiguration, trackUpdate } from '../field-manager.ts'
import type { FieldManagerTarget } from '../target.ts'
import type { ServedVersion } from '../versions.ts'
import { formatPath, parseFieldsV1, pathsOf } from '../field-set.ts'
import { createFieldsPool } from '../fields-pool.ts'

const compiler = createSchemaCompiler(createNodeSource(openApiFacts()))

/** Everything about an object but its type and metadata, in YAML. */
type Content = string

/** One object of a schema's top-level fields, and those who apply and update it; by version where there are several. */
export class ApplyScenario {
  #schemas: Map<string, KindSchema>
  #convert: (object: KubeObject, apiVersion: string) => KubeObject
  #object: KubeObject | undefined
  readonly #pool = createFieldsPool()

  constructor(
    properties: Record<string, Schema> | Map<string, Record<string, Schema>>,
    convert: (object: KubeObject, apiVersion: string) => KubeObject = (object) => object,
  ) {
    const versions = properties instanceof Map ? properties : new Map([['v1', properties]])
    this.#schemas = new Map([...versions].map(([version, fields]) => [version, compiled(fields)]))
    this.#convert = convert
  }

  /** From now on objects of this version have other fields. */
  changeSchema(properties: Record<string, Schema>, apiVersion = 'v1'): void {
    this.#schemas.set(apiVersion, compiled(properties))
  }

  /** Gives the conflicts, `manager: path` each; empty when the configuration was applied. */
  apply(manager: string, content: Content, options: { force?: boolean; apiVersion?: string } = {}): string[] {
    const { force = false, apiVersion = 'v1' } = options
    const config = objectOf(content, apiVersion)
    const live = this.#object && this.#in(apiVersion, this.#object)
    try {
      const { object, managedFields } = applyConfiguration(this.#target(manager, apiVersion), {
        live,
        config,
        given: config,
        force,
      })
      this.#object = withOwners(object, apiVersion, managedFields)
      return []
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 409) throw error
      return (error.status.details?.causes ?? []).map(
        ({ message, field }) => `${/"([^"]*)"/.exec(message ?? '')?.[1] ?? ''}: ${field ?? ''}`,
      )
    }
  }

  /** Replaces the content. */
  update(manager: string, content: Content, apiVersion = 'v1'): void {
    const live = this.#in(apiVersion, this.#object ?? objectOf('', apiVersion))
    const entries = live.metadata.managedFields ?? [placeholder]
    const next = { ...objectOf(content, apiVersion), metadata: live.metadata }
    const owners = trackUpdate(this.#target(manager, apiVersion), { live, next, entries })
    this.#object = withOwners(
      next,
      apiVersion,
      owners?.filter((entry) => entry !== placeholder),
    )
  }

  /** The content as it is now. */
  content(apiVersion = 'v1'): unknown {
    const {
      apiVersion: _version,
      kind: _kind,
      metadata: _metadata,
      ...content
    } = this.#in(apiVersion, this.#object!)
    return content
  }

  /** What each manager owns, paths in order. */
  owners(): Record<string, string[]> {
    const entries = this.#object?.metadata.managedFields ?? []
    return Object.fromEntries(
      entries.map(({ manager = '', fieldsV1 }) => [
        manager,
        pathsOf(parseFieldsV1(fieldsV1)).map(formatPath).sort(),
      ]),
    )
  }

  #in(apiVersion: string, object: KubeObject): KubeObject {
    return object.apiVersion === apiVersion ? object : { ...this.#convert(object, apiVersion), apiVersion }
  }

  #target(manager: string, apiVersion: string): FieldManagerTarget {
    const versions = new Map<string, ServedVersion>()
    for (const [version, schema] of this.#schemas) {
      if (version === apiVersion) continue
      versions.set(version, { schema, convert: (object) => this.#in(version, { ...object, apiVersion }) })
    }
    const now = '2026-01-01T00:00:00Z'
    const writer = { manager, apiVersion, subresource: undefined, now, owns: () => true }
    return { schema: this.#schemas.get(apiVersion)!, writer, pool: this.#pool, versions }
  }
}

/** Stands for no owner at all: an object without entries is not tracked. */
const placeholder: ManagedFieldsEntry = {
  manager: 'nobody',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: {},
}

function compiled(properties: Record<string, Schema>): KindSchema {
  return compiler.compile({ type: 'object', properties })
}

function objectOf(content: Content, apiVersion: string): KubeObject {
  const fields = (parse(content) ?? {}) as object
  return { apiVersion, kind: 'Thing', metadata: { name: 'a' }, ...fields }
}

function withOwners(
  object: KubeObject,
  apiVersion: string,
  entries: readonly ManagedFieldsEntry[] | undefined,
): KubeObject {
  const { managedFields: _old, ...metadata } = object.metadata
  const managedFields = entries ? [...entries] : undefined
  return { ...object, apiVersion, metadata: { ...metadata, ...(managedFields && { managedFields }) } }
}
