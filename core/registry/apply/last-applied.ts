import { parseExactJson } from '../../api/exact-json.ts'
import { goMapJson } from '../../api/go-text.ts'
import type { KubeObject } from '../../api/meta.ts'
import { DecodeError } from '../schema/decode-error.ts'
import type { KindSchema } from '../schema/kind-schema.ts'
import { compareTyped } from './compare.ts'
import { difference, emptySet } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { toFieldSet } from './to-field-set.ts'

/** Where client-side `kubectl apply` keeps what it applied last. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The manager name under which kubectl applies on the server, unless it is told another. */
export const kubectlManager = 'kubectl'

/**
 * The fields that client-side apply has set and that are still as it set them: kubectl may take them over without a
 * conflict (upstream: managedfields/internal/lastappliedmanager.go).
 */
export function lastAppliedFields(live: KubeObject, schema: KindSchema): FieldSet {
  const text = live.metadata.annotations?.[annotation]
  const applied = text ? parse(text) : undefined
  if (!applied || applied.apiVersion !== live.apiVersion) return emptySet()
  const { node } = schema
  try {
    const { added, modified, removed } = compareTyped(schema.decode(applied).object, live, node)
    return [added, modified, removed].reduce(difference, toFieldSet(applied, node))
  } catch (error) {
    // As with text that is no JSON.
    if (error instanceof DecodeError) return emptySet()
    throw error
  }
}

function parse(text: string): KubeObject | undefined {
  try {
    const value: unknown = parseExactJson(text)
    return typeof value === 'object' && value !== null ? (value as KubeObject) : undefined
  } catch {
    // The annotation is anyone's to write; what is no JSON allows nothing.
    return undefined
  }
}

/**
 * Keeps the annotation of client-side apply in step with what kubectl applied on the server, where it is there: byte by
 * byte what kubectl would have written, so that the same configuration changes nothing.
 */
export function withLastApplied(object: KubeObject, config: KubeObject): KubeObject {
  const { annotations } = object.metadata
  if (!annotations?.[annotation]) return object
  const { [annotation]: _own, ...others } = config.metadata.annotations ?? {}
  const { annotations: _annotations, ...metadata } = config.metadata
  const isAnnotated = Object.keys(others).length > 0
  const applied = { ...config, metadata: { ...metadata, ...(isAnnotated && { annotations: others }) } }
  const text = `${goMapJson(applied)}\n`
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [annotation]: text } } }
}
