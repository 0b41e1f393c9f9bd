import { apiVersionOf, parseApiVersion } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { badRequest, internalError, invalid } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'
import type { WriteOptions } from '../registry.ts'
import { cloneJson } from '../schema/clone-json.ts'
import { DecodeError } from '../schema/decode-error.ts'
import { typeProblem } from '../schema/type-problem.ts'
import { requireKind, strictProblems, warnOfProblems } from './decode-body.ts'
import type { BodyType } from './decode-body.ts'

export interface Patched {
  /** The document before the patch, as it was read. */
  base: KubeObject
  /** The document after the patch. */
  document: unknown
  /** What a refusal shows: the document after the patch as JSON, or a strategic patch as it came. */
  shown(): string
  /** What the patch itself has beyond what upstream knows. */
  problems?: string[]
  /** Whether unknown fields are told in the order of their names, as of strategic patches, rather than as they come. */
  sortsUnknown?: boolean
}

/**
 * Reads a patched document as its type, with upstream's answers for patches: what does not fit the type, or is unknown
 * under Strict validation, is an Invalid `patch` field.
 */
export function decodePatched(
  type: BodyType,
  { base, document, shown, problems: ownProblems = [], sortsUnknown = false }: Patched,
  options: WriteOptions,
): KubeObject {
  const apiVersion = apiVersionOf(type)
  const refuse = (why: string): never => {
    throw invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown(), why)])
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return refuse('no object')
  const given = document as Partial<KubeObject>
  const typeless = typeProblem(given)
  if (typeless) return refuse(typeless)
  if (type.isCustom && !given.kind) return refuse(`Object 'Kind' is missing in '${shown()}'`)
  if (type.isCustom) checkCustomType(type, apiVersion, given)
  else if (given.kind !== type.kind || given.apiVersion !== apiVersion) {
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be changed to ${String(given.kind)} in "${String(given.apiVersion)}"`,
    )
  }
  try {
    const { changed, untouched } = splitByChange(base, document as KubeObject)
    const decoded = type.schema.decode(changed)
    const { unknownFields } = decoded
    const unknown = sortsUnknown ? unknownFields.toSorted() : unknownFields
    const problems = [...ownProblems, ...strictProblems(unknown, options)]
    if (problems.length > 0) {
      if (options.fieldValidation === 'Strict') refuse(`strict decoding error: ${problems.join(', ')}`)
      warnOfProblems(problems, options)
    }
    return { ...decoded.object, ...untouched, apiVersion, kind: type.kind }
  } catch (error) {
    if (error instanceof DecodeError) return refuse(error.message)
    throw error
  }
}

/** What a custom resource claims to be after a patch (upstream finds it in validation). */
function checkCustomType(type: BodyType, apiVersion: string, given: Partial<KubeObject>): void {
  requireKind(type, given)
  if (given.apiVersion === apiVersion) return
  if (!given.apiVersion)
    throw internalError(`Object 'apiVersion' is missing in 'object has no apiVersion field'`)
  // Under the kind that it claims to be.
  const { group } = parseApiVersion(given.apiVersion ?? '')
  throw invalid({ group, kind: type.kind }, given.metadata?.name ?? '', [
    invalidValue('apiVersion', given.apiVersion ?? '', `must be ${apiVersion}`),
  ])
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
