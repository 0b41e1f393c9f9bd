import { goType } from '../../../api/go-text.ts'
import type { KubeObject, ObjectMeta } from '../../../api/meta.ts'
import { validateAnnotations, validateLabels } from '../../../registry/validation/metadata.ts'

/** Where a converted object stands in an answer, and what it must be. */
interface Place {
  apiVersion: string
  index: number
  /** Whether it is the only one. */
  isOne: boolean
}

const identity = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const

/**
 * What a webhook made of an object, with the metadata that it had: only labels and annotations may change. Throws Errors
 * that go on after "returned", in upstream's words (upstream: validateConvertedObject, restoreObjectMeta).
 */
export function convertedObject(
  original: KubeObject,
  made: unknown,
  { apiVersion, index, isOne }: Place,
): KubeObject {
  const at = `at index ${index}`
  const invalid = isOne ? `invalid object ${at}` : `invalid converted object ${at}`
  if (!isRecord(made)) throw new Error(`${invalid}: it is not an object`)
  if (made.apiVersion !== apiVersion) {
    throw new Error(
      `${invalid}: invalid groupVersion (expected ${apiVersion}, received ${String(made.apiVersion ?? '')})`,
    )
  }
  if (made.kind !== original.kind) {
    throw new Error(
      `${invalid}: invalid kind (expected ${original.kind}, received ${String(made.kind ?? '')})`,
    )
  }
  const metadata = isRecord(made.metadata) ? made.metadata : {}
  for (const [field, shown] of identity) {
    const [before, after] = [original.metadata[field] ?? '', metadata[field] ?? '']
    if (before === after) continue
    throw new Error(
      `${isOne ? 'invalid object' : invalid}: must have the same ${shown}: ${before} != ${String(after)}`,
    )
  }
  try {
    return { ...made, metadata: restoredMetadata(original.metadata, made.metadata) } as KubeObject
  } catch (error) {
    const where = isOne ? 'invalid metadata' : `invalid metadata in object ${at}`
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
  }
}

function restoredMetadata(original: ObjectMeta, made: unknown): ObjectMeta {
  if (made === undefined) throw new Error('missing metadata in converted object')
  if (!isRecord(made)) throw new Error(`invalid metadata of type ${goType(made)} in converted object`)
  const { labels: _labels, annotations: _annotations, ...rest } = original
  const labels = textsOf(made.labels, 'labels')
  const annotations = textsOf(made.annotations, 'annotations')
  const errors = [...validateLabels(labels), ...validateAnnotations(annotations, 'metadata.annotation')].map(
    ({ field, message }) => `${field}: ${message}`,
  )
  if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`)
  return { ...rest, ...(labels && { labels }), ...(annotations && { annotations }) }
}

function textsOf(value: unknown, field: string): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined
  if (!isRecord(value))
    throw new Error(`invalid metadata.${field} of type ${goType(value)} in converted object`)
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === 'string') continue
    throw new Error(`metadata.${field}[${key}] must be a string, but is ${goType(text)} in converted object`)
  }
  return value as Record<string, string>
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
