import { apiVersionOf, parseApiVersion } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { internalError, invalid } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'
import type { WriteOptions } from '../registry.ts'
import { cloneJson } from '../schema/clone-json.ts'
import { conversionError } from '../schema/conversion-error.ts'
import { DecodeError } from '../schema/decode-error.ts'
import { maxStrictProblems } from '../schema/duplicate-keys.ts'
import { typeProblem } from '../schema/type-problem.ts'
import { requireKind, strictProblems, warnOfProblems } from './decode-body.ts'
import type { BodyType } from './body-type.ts'
import { foreignType, unregisteredInternal } from './registered-type.ts'

export interface Patched {
  /** The document before the patch, as it was read. */
  base: KubeObject
  /** The document after the patch. */
  document: unknown
  /** What a refusal shows: the document after the patch as JSON, or a strategic patch as it came. */
  shown(): string
  /** What the patch itself has beyond what upstream knows. */
  problems?: string[]
  /** Whether it comes of a strategic patch: unknown fields are then told in the order of their names, not as they come. */
  isStrategic?: boolean
}

/**
 * Reads a patched document as its type, with upstream's answers for patches: what does not fit the type, or is unknown
 * under Strict validation, is an Invalid `patch` field.
 */
export function decodePatched(
  type: BodyType,
  { base, document, shown, problems: ownProblems = [], isStrategic = false }: Patched,
  options: WriteOptions,
): KubeObject {
  const apiVersion = apiVersionOf(type)
  const refuse = (why: string): never => {
    throw invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown(), why)])
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return refuse('no object')
  const given = document as Partial<KubeObject>
  const typeless = typeProblem(given)
  if (isStrategic) checkTypeTexts(given, refuse)
  else if (typeless) return refuse(typeless)
  if (type.isCustom && !given.kind) return refuse(`Object 'Kind' is missing in '${shown()}'`)
  if (type.isCustom) checkCustomType(type, apiVersion, given)
  else if (!isStrategic) {
    if (!given.apiVersion) return readInternal(type, given, { refuse, options })
    const foreign = foreignType(
      type,
      { apiVersion: given.apiVersion, kind: given.kind || type.kind },
      document,
    )
    if (foreign !== undefined) return refuse(foreign)
  }
  try {
    const { changed, untouched } = splitByChange(base, document as KubeObject)
    const decoded = type.schema.decode(changed)
    const { unknownFields } = decoded
    const unknown = isStrategic ? unknownFields.toSorted() : unknownFields
    const found = [...ownProblems, ...strictProblems(unknown, options)]
    // Only who decodes text counts them.
    const problems = isStrategic || type.isCustom ? found : found.slice(0, maxStrictProblems)
    if (problems.length > 0) {
      if (options.fieldValidation === 'Strict') refuse(`strict decoding error: ${problems.join(', ')}`)
      warnOfProblems(problems, options)
    }
    return { ...decoded.object, ...untouched, apiVersion, kind: type.kind }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return refuse(isStrategic ? conversionOf(error) : error.message)
  }
}

function conversionOf({ message, misfit }: DecodeError): string {
  if (misfit) return conversionError(misfit)
  return message.startsWith('illegal base64') ? `error decoding from json: ${message}` : message
}

/** A strategic patch may change kind and apiVersion, which has no effect, but only to texts. */
function checkTypeTexts(given: Partial<KubeObject>, refuse: (why: string) => never): void {
  for (const value of [given.kind, given.apiVersion] as unknown[]) {
    if (typeof value === 'string' || value === null || value === undefined) continue
    refuse(conversionError({ value, typeText: 'string', reader: undefined }))
  }
}

/**
 * A document without an apiVersion, which upstream reads as its internal type: that has none of the fields' names, so that an object
 * without a name comes of it.
 */
function readInternal(
  type: BodyType,
  { kind, ...rest }: Partial<KubeObject>,
  { refuse, options }: { refuse: (why: string) => never; options: WriteOptions },
): KubeObject {
  if (kind && kind !== type.kind) return refuse(unregisteredInternal(type, kind))
  const unknown = Object.keys(rest).filter((name) => name !== 'apiVersion')
  const problems = strictProblems(unknown.sort(), options)
  if (problems.length > 0 && options.fieldValidation === 'Strict')
    return refuse(`strict decoding error: ${problems.join(', ')}`)
  warnOfProblems(problems, options)
  return { apiVersion: apiVersionOf(type), kind: type.kind, metadata: {} } as KubeObject
}

/** What a custom resource claims to be after a patch (upstream finds it in validation). */
function checkCustomType(type: BodyType, apiVersion: string, given: Partial<KubeObject>): void {
  if (!given.apiVersion) {
    requireKind(type, given)
    throw internalError(`Object 'apiVersion' is missing in 'object has no apiVersion field'`)
  }
  const errors = []
  if (given.kind !== type.kind) errors.push(invalidValue('kind', given.kind, `must be ${type.kind}`))
  if (given.apiVersion !== apiVersion)
    errors.push(invalidValue('apiVersion', given.apiVersion, `must be ${apiVersion}`))
  // Under the kind that it claims to be.
  const claimed = { group: parseApiVersion(given.apiVersion).group, kind: String(given.kind) }
  if (errors.length > 0) throw invalid(claimed, given.metadata?.name ?? '', errors)
}

/** What of a patched document is to be read, and copies of what the patch has left as it was, which has been read before. */
function splitByChange(
  base: KubeObject,
  document: KubeObject,
): { changed: Partial<KubeObject>; untouched: Partial<KubeObject> } {
  const changed: Record<string, unknown> = {}
  const untouched: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(document)) {
    const isUntouched = name !== 'metadata' && typeof value === 'object' && value === base[name as 'kind']
    if (isUntouched) untouched[name] = cloneJson<unknown>(value)
    else changed[name] = value
  }
  return { changed, untouched }
}
