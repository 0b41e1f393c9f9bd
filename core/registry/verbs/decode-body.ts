import { apiVersionOf, parseApiVersion } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { badRequest, invalid } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'
import type { WriteOptions } from '../registry.ts'
import { maxStrictProblems, strictProblemsInOrder } from '../schema/duplicate-keys.ts'
import { DecodeError } from '../schema/decode-error.ts'
import { typeProblem } from '../schema/type-problem.ts'
import type { BodyType } from './body-type.ts'
import { foreignType } from './registered-type.ts'

/**
 * Reads a request body as its type: a private copy with `apiVersion` and `kind` set, unknown fields left out and judged
 * by `fieldValidation` (Strict refuses, Warn warns and is the default, Ignore is silent). Throws BadRequest with the
 * wording of upstream's decoders.
 */
export function decodeBody(type: BodyType, body: unknown, options: WriteOptions): KubeObject {
  const { kind, version } = type
  const apiVersion = apiVersionOf(type)
  const refuse = (why: string): never => {
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`)
  }
  checkType(type, apiVersion, body)
  let decoded
  try {
    decoded = type.schema.decode(body)
  } catch (error) {
    if (error instanceof DecodeError) return refuse(error.message)
    throw error
  }
  const problems = problemsOfBody(type, decoded.unknownFields, options)
  if (problems.length > 0) {
    if (options.fieldValidation === 'Strict') return refuse(`strict decoding error: ${problems.join(', ')}`)
    warnOfProblems(problems, options)
  }
  return { ...decoded.object, apiVersion, kind }
}

/** How upstream's YAML decoder begins what it finds, one problem to a line. */
const unmarshalErrors = 'yaml: unmarshal errors:\n'

/** Warns of what strict decoding would refuse, unless told to ignore it (upstream: handlers parseYAMLWarnings). */
export function warnOfProblems(problems: string[], { fieldValidation, context }: WriteOptions): void {
  if (fieldValidation === 'Ignore') return
  for (const problem of problems) {
    if (!problem.startsWith(unmarshalErrors)) context.warn(problem)
    else for (const line of problem.slice(unmarshalErrors.length).split('\n')) context.warn(line.trim())
  }
}

/**
 * Upstream meets duplicate and unknown fields alike as it reads JSON into a Go type, but those that a custom resource's
 * schema does not know only later.
 */
function problemsOfBody({ isCustom }: BodyType, unknownFields: string[], options: WriteOptions): string[] {
  const text = options.decodeProblems?.text
  if (text !== undefined && !isCustom) return strictProblemsInOrder(text, unknownFields)
  const problems = strictProblems(unknownFields, options)
  return isCustom ? problems : problems.slice(0, maxStrictProblems)
}

/** What strict decoding would refuse: duplicate and unknown fields, as upstream words them. */
export function strictProblems(unknownFields: string[], options: WriteOptions): string[] {
  const unknown = unknownFields.map((path) => `unknown field "${path}"`)
  return [...(options.decodeProblems?.messages ?? []), ...unknown]
}

function checkType(type: BodyType, apiVersion: string, body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest(`couldn't get version/kind; json parse error: the body is not an object`)
  }
  const given = body as GivenType
  const problem = typeProblem(given)
  if (problem)
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${problem}`)
  if (type.isCustom) return checkCustomType(type, apiVersion, given)
  // What it does not say it is taken to be.
  const claimed = { apiVersion: text(given.apiVersion || apiVersion), kind: text(given.kind || type.kind) }
  const foreign = foreignType(type, claimed, body)
  if (foreign !== undefined) {
    const { version } = parseApiVersion(claimed.apiVersion)
    throw badRequest(
      `${claimed.kind} in version "${version}" cannot be handled as a ${type.kind}: ${foreign}`,
    )
  }
  if (claimed.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${claimed.apiVersion}) does not match the expected API version (${apiVersion})`,
    )
  }
}

interface GivenType {
  apiVersion?: unknown
  kind?: unknown
  metadata?: { name?: unknown } | null
}

/** How much of a body a refusal shows, in bytes (upstream: handlers.transformDecodeError). */
const shownBytes = 30

/** Custom resources are decoded without a type to fall back on (upstream: UnstructuredJSONScheme). */
function checkCustomType(type: BodyType, apiVersion: string, given: GivenType): void {
  if (given.kind === undefined || given.kind === null || given.kind === '') {
    const whole = JSON.stringify(given)
    const shown = whole.length > shownBytes ? `${whole.slice(0, shownBytes)} ...` : whole
    const why = `Object 'Kind' is missing in '${whole}' (${shown})`
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${why}`)
  }
  if (given.apiVersion === null) {
    const why = '.apiVersion accessor error: <nil> is of the type <nil>, expected string'
    throw badRequest(`${type.kind} in version "" cannot be handled as a ${type.kind}: ${why}`)
  }
  if (given.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${text(given.apiVersion ?? '')}) does not match the expected API version (${apiVersion})`,
    )
  }
  requireKind(type, given)
}

/** Refuses a custom resource of another kind, which upstream finds in validation and reports under the kind it claims. */
export function requireKind(type: BodyType, { kind, metadata }: GivenType): void {
  if (kind === type.kind) return
  const claimed = { group: type.group, kind: text(kind) }
  const name = typeof metadata?.name === 'string' ? metadata.name : ''
  throw invalid(claimed, name, [invalidValue('kind', kind, `must be ${type.kind}`)])
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
