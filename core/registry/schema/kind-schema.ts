import type { KubeObject } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import type { NodeSource } from './build-nodes.ts'
import { compileDecoder } from './decode.ts'
import { DecodeError, DecodeState } from './decode-error.ts'
import type { SchemaNode } from './node.ts'
import type { Schema } from './schema.ts'
import { createPatternMatcher } from './structural/patterns.ts'
import { evaluateRules } from './structural/rules/evaluate-rules.ts'
import { buildRuleTree } from './structural/rules/rule-tree.ts'
import type { RuleNode } from './structural/rules/rule-tree.ts'
import { pruneAndDefault } from './structural/prune-and-default.ts'
import { validateValue } from './structural/validate-value.ts'

/** An object read under its schema: a private copy, and the paths of fields that were left out as unknown. */
export interface DecodedObject {
  object: KubeObject
  unknownFields: string[]
}

/** What the registry needs of a type: reading it, checking it, and its structure for patches and apply. */
export interface KindSchema {
  readonly node: SchemaNode
  /** Reads a JSON value; see `compileDecoder` and `pruneAndDefault`. Throws DecodeError. */
  decode(value: unknown): DecodedObject
  /**
   * Problems that only a structural schema reports here; built-in kinds have their own validation. Of an update, `old`
   * is the object before: what has not changed is not judged again.
   */
  validate(object: KubeObject, old?: KubeObject): FieldError[]
}

/** Gives KindSchemas by name or for a schema of its own, each compiled once. */
export interface SchemaCompiler {
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
      validate: () => [],
    }
    byName.set(name, compiled)
    return compiled
  }

  function structural(schema: Schema): KindSchema {
    // Compiled when the first object is judged: most definitions are there before any object of theirs.
    let tree: { root: RuleNode | undefined } | undefined
    return {
      node: nodes.ofObjectSchema(schema),
      decode(value) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          throw new DecodeError('json: cannot unmarshal a value that is no object')
        }
        const state = new DecodeState()
        const object = pruneAndDefault(schema, value, { state, readMetadata }) as KubeObject
        state.path.push('metadata')
        object.metadata = readMetadata(object.metadata ?? {}, state) as KubeObject['metadata']
        return { object, unknownFields: state.unknownFields }
      },
      validate(object, old) {
        const found = validateValue(schema, object, { path: [], patterns, ...(old && { old }) })
        const rules = (tree ??= { root: buildRuleTree(schema) }).root
        if (rules) found.push(...evaluateRules(rules, object, { old, found }))
        return found
      },
    }
  }

  /** The path of `state` stands at the metadata. */
  function readMetadata(value: unknown, state: DecodeState): unknown {
    return compileDecoder(metadata().node, decoders)(value, state)
  }

  return {
    compile(schema) {
      if (typeof schema === 'string') return named(schema)
      let compiled = bySchema.get(schema)
      if (!compiled) bySchema.set(schema, (compiled = structural(schema)))
      return compiled
    },
  }
}
