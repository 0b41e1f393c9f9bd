import type { ListMeta } from './meta.ts'
import { groupResource } from './gvk.ts'

/** One cause inside a Status (upstream: metav1.StatusCause). */
export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** The wire form of every API failure (upstream: metav1.Status). */
export interface Status {
  apiVersion: 'v1'
  kind: 'Status'
  metadata: ListMeta
  status: 'Failure' | 'Success'
  message?: string
  reason?: string
  details?: StatusDetails
  code: number
}

/** One problem of one field; `type` is upstream's ErrorType (apimachinery/pkg/util/validation/field/errors.go). */
export interface FieldError {
  type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'InternalError'
  /** Path such as `spec.containers[0].image`. */
  field: string
  /** The message after the path, upstream's wording, e.g. `Invalid value: "A": must be …`. */
  message: string
}

/** An API failure as an exception. Test with `isNotFound` and friends, never by message. */
export class StatusError extends Error {
  readonly status: Status
  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'unknown')
    this.name = 'StatusError'
    this.status = status
  }
  get code(): number {
    return this.status.code
  }
  get reason(): string {
    return this.status.reason ?? ''
  }
}

/** Builds a failure Status. */
export function failure(code: number, reason: string, message: string, details?: StatusDetails): StatusError {
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason && { reason }),
    ...(details && { details }),
    code,
  }
  return new StatusError(status)
}

type GroupResource = { group: string; resource: string }
type GroupKind = { group: string; kind: string }

function named(gr: GroupResource, name: string): StatusDetails {
  const details: StatusDetails = name ? { name, kind: gr.resource } : { kind: gr.resource }
  if (gr.group) details.group = gr.group
  return details
}

/** 404 for an object (upstream: apimachinery/pkg/api/errors NewNotFound). */
export function notFound(gr: GroupResource, name: string): StatusError {
  return failure(404, 'NotFound', `${groupResource(gr)} "${name}" not found`, named(gr, name))
}
/** What HTTP servers written in Go answer to a path that they do not know. */
const unknownPath = '404 page not found'

/** 404 for a path of no API, which is sent as text (upstream: the end of the chain of servers is Go's http.NotFound). */
export function pathNotFound(): StatusError {
  return failure(404, 'NotFound', unknownPath, {})
}
/** Whether a failure is that of `pathNotFound`. */
export function isPathNotFound({ code, message }: Pick<Status, 'code' | 'message'>): boolean {
  return code === 404 && message === unknownPath
}
/** A failure whose body is no Status, with what of the body is worth reading (upstream: errors.NewGenericServerResponse). */
export function failureOfText(code: number, text: string, reason = 'Unknown'): StatusError {
  if (isPathNotFound({ code, message: text.trim() })) return pageNotFound()
  return failure(code, reason, text || `the server answered ${code}`)
}
/** 404 for a resource that an API does not have. */
export function pageNotFound(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {})
}
/** 409 on create. */
export function alreadyExists(gr: GroupResource, name: string): StatusError {
  return failure(409, 'AlreadyExists', `${groupResource(gr)} "${name}" already exists`, named(gr, name))
}
/** 409 on a stale write or failed precondition. */
export function conflict(gr: GroupResource, name: string, why: string): StatusError {
  return failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(gr)} "${name}": ${why}`,
    named(gr, name),
  )
}
/** The `why` of a write with an old resourceVersion. */
export const staleObject =
  'the object has been modified; please apply your changes to the latest version and try again'

/** 422 with one cause per field error (upstream: NewInvalid). */
export function invalid(gk: GroupKind, name: string, errors: FieldError[]): StatusError {
  // The text says everything once; the causes may repeat themselves.
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))]
  const list = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
  const details: StatusDetails = {
    ...(name && { name }),
    ...(gk.kind && { kind: gk.kind }),
    causes: errors.map((error) => ({ reason: error.type, message: error.message, field: error.field })),
  }
  if (gk.group) details.group = gk.group
  return failure(
    422,
    'Invalid',
    `${gk.group ? `${gk.kind}.${gk.group}` : gk.kind} "${name}" is invalid: ${list}`,
    details,
  )
}
/** 400. */
export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message)
}
/** 401. */
export function unauthorized(message = 'Unauthorized'): StatusError {
  return failure(401, 'Unauthorized', message)
}
/** 403 for an object; `why` follows upstream's `pods "x" is forbidden: …`. */
export function forbidden(gr: GroupResource, name: string, why: string): StatusError {
  const subject = name ? `${groupResource(gr)} "${name}"` : groupResource(gr)
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, named(gr, name))
}
/** 405. */
export function methodNotSupported(gr: GroupResource, verb: string): StatusError {
  return failure(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${groupResource(gr)}"`,
    named(gr, ''),
  )
}
/** 405 of a path that is served, but not with this method. */
export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource'
  return failure(405, 'MethodNotAllowed', message, {})
}
/** 406 and 415. */
export function notAcceptable(accepted: string[]): StatusError {
  return failure(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`)
}
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
}
/** 410: the revision asked for is compacted away. */
export function expired(message = 'The resourceVersion for the provided watch is too old.'): StatusError {
  return failure(410, 'Expired', message)
}
/** 413. */
export function tooLarge(message: string): StatusError {
  return failure(413, 'RequestEntityTooLarge', message)
}
/** 500. */
export function internalError(message: string): StatusError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}
/** 503. */
export function serviceUnavailable(message: string): StatusError {
  return failure(503, 'ServiceUnavailable', message)
}
/** 504 with a hint when to come back. */
export function timeoutError(message: string, retryAfterSeconds = 1): StatusError {
  return failure(504, 'Timeout', `Timeout: ${message}`, { retryAfterSeconds })
}

function has(error: unknown, reason: string): boolean {
  return error instanceof StatusError && error.reason === reason
}
export const isNotFound = (error: unknown): boolean => has(error, 'NotFound')
export const isAlreadyExists = (error: unknown): boolean => has(error, 'AlreadyExists')
export const isConflict = (error: unknown): boolean => has(error, 'Conflict')
export const isInvalid = (error: unknown): boolean => has(error, 'Invalid')
export const isExpired = (error: unknown): boolean => has(error, 'Expired') || has(error, 'Gone')
