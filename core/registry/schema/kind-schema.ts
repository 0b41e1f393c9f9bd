import type { KubeObject } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import type { NodeSource } from './build-nodes.ts'
import { compileDecoder } from './decode.ts'
import { DecodeError, DecodeState, formatPath } from './decode-error.ts'
import type { SchemaNode } from './node.ts'
import type { Schema } from './schema.ts'
import { createPatternMatcher } from './structural/patterns.ts'
import { evaluateRules } from './structural/rules/evaluate-rules.ts'
import { buildRuleTree } from './structural/rules/rule-tree.ts'
import type { RuleNode } from './structural/rules/rule-tree.ts'
import { pruneAndDefault } from './structural/prune-and-default.ts'
import { listTypeErrors } from './structural/list-types.ts'
import { embeddedErrors } from './structural/validate-embedded.ts'
import { validateValue } from './structural/validate-value.ts'

/** An object read under its schema: a private copy, and the paths of fields that were left out as unknown. */
export interface DecodedObject {
  object: KubeObject
  unknownFields: string[]
}

/** What the registry needs of a type: reading it, checking it, and its structure for patches and apply. */
export interface KindSchema {
  readonly node: SchemaNode
  /**
   * Reads a JSON value; see `compileDecoder` and `pruneAndDefault`. Throws DecodeError, but what has been stored under
   * another structural schema is never refused: what does not fit is left out.
   */
  decode(value: unknown, options?: DecodeOptions): DecodedObject
  /** Problems of an object: those of a structural schema around the kind's own, in upstream's order. */
  validate(object: KubeObject, judged?: Judged): FieldError[]
}

/** How to read under a structural schema. */
export interface DecodeOptions {
  isStored?: boolean
  /** Nothing is filled in. */
  withoutDefaults?: boolean
  /** Nulls that the schema does not allow, and has no default for, are left to validation. */
  keepsNulls?: boolean
}

/** What is known of an object that is judged. */
export interface Judged {
  /** Of an update the object before: what has not changed is not judged again. */
  old?: KubeObject | undefined
  /** What the kind itself found. */
  own?: FieldError[]
  /** Whether only the status is written, so that the rest is not judged. */
  isStatus?: boolean
  /** Hears of what is wrong and let stand. */
  warn?: (message: string) => void
}

/** Gives KindSchemas by name or for a schema of its own, each compiled once. */
export interface SchemaCompiler {
  /** Whether there is a schema of this name. */
  has(name: string): boolean
  compile(schema: string | Schema): KindSchema
}

/** A compiler over one source of nodes. */
export function createSchemaCompiler(nodes: NodeSource): SchemaCompiler {
  const decoders: Parameters<typeof compileDecoder>[1] = new WeakMap()
  const byName = new Map<string, KindSchema>()
  const bySchema = new WeakMap<Schema, KindSchema>()
  const patterns = createPatternMatcher()
  const metadata = (): KindSchema => named('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')

  function named(name: string): KindSchema {
    const known = byName.get(name)
    if (known) return known
    const node = nodes.ofName(name)
    const decode = compileDecoder(node, decoders)
    const compiled: KindSchema = {
      node,
      decode(value) {
        const state = new DecodeState()
        return { object: decode(value, state) as KubeObject, unknownFields: state.unknownFields }
      },
      validate: (_object, { own = [] } = {}) => own,
    }
    byName.set(name, compiled)
    return compiled
  }

  function structural(schema: Schema): KindSchema {
    // Compiled when the first object is judged: most definitions are there before any object of theirs.
    let tree: { root: RuleNode | undefined } | undefined
    return {
      node: nodes.ofObjectSchema(schema),
      decode(value, { isStored = false, withoutDefaults = false, keepsNulls = false } = {}) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          throw new DecodeError('json: cannot unmarshal a value that is no object')
        }
        const state = new DecodeState({ dropsMalformed: isStored })
        // Upstream reads metadata apart: the object's own first, that of objects inside it last.
        const inOwn: string[] = []
        const inEmbedded: string[] = []
        const readNoting = (metadata: unknown, { path }: DecodeState): unknown => {
          const found = path.length === 1 ? inOwn : inEmbedded
          const { decoded, unknownFields } = readMetadata(metadata)
          found.push(...unknownFields.map((field) => `${formatPath(path)}.${field}`))
          return decoded
        }
        const object = pruneAndDefault(schema, value, {
          state,
          readMetadata: readNoting,
          withoutDefaults,
          keepsNulls,
        }) as KubeObject
        state.path.push('metadata')
        object.metadata = readNoting(object.metadata ?? {}, state) as KubeObject['metadata']
        const unknownFields = [...inOwn.sort(), ...state.unknownFields.sort(), ...inEmbedded.sort()]
        return { object, unknownFields }
      },
      validate(object, { old, own = [], isStatus = false, warn } = {}) {
        const found = isStatus
          ? statusErrors(schema, object, old)
          : validateValue(schema, object, { patterns, ...(old && { old }) })
        found.push(...own)
        if (!isStatus) found.push(...embeddedErrors(schema, object))
        const doubles = listTypeErrors(schema, object)
        // Lists that had some before may keep having some.
        if (doubles.length > 0 && !(old && listTypeErrors(schema, old).length > 0)) found.push(...doubles)
        const rules = (tree ??= { root: buildRuleTree(schema) }).root
        if (rules) found.push(...evaluateRules(rules, object, { old, found, warn }))
        return found
      },
    }
  }

  /** The status is judged as a whole of its own (upstream: customresource/validator.go ValidateStatusUpdate). */
  function statusErrors(schema: Schema, object: KubeObject, old: KubeObject | undefined): FieldError[] {
    const { status } = object as { status?: unknown }
    const ofStatus = schema.properties?.status
    if (status === undefined || !ofStatus) return []
    const before = (old as { status?: unknown } | undefined)?.status
    return validateValue(ofStatus, status, { root: 'status', patterns, ...(old && { old: before }) })
  }

  /** Metadata by itself: refusals and unknown fields begin there. */
  function readMetadata(value: unknown): { decoded: unknown; unknownFields: string[] } {
    const state = new DecodeState()
    const decoded = compileDecoder(metadata().node, decoders)(value, state)
    return { decoded, unknownFields: state.unknownFields }
  }

  return {
    has: (name) => nodes.has(name),
    compile(schema) {
      if (typeof schema === 'string') return named(schema)
      let compiled = bySchema.get(schema)
      if (!compiled) bySchema.set(schema, (compiled = structural(schema)))
      return compiled
    },
  }
}
