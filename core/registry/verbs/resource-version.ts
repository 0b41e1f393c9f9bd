import { badRequest, failure, invalid } from '../../api/status.ts'
import type { FieldError, StatusError } from '../../api/status.ts'
import type { ReadOptions } from '../registry.ts'

/** Reads a resourceVersion parameter: undefined when absent, 0 for "any". Throws BadRequest. */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw badRequest(
    `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  )
}

/** 504: the revision asked for does not exist yet (upstream: storage.NewTooLargeResourceVersionError). */
export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  })
}

function forbiddenField(field: string, message: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: `Forbidden: ${message}` }
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
}

/** Whether the version parameters of a list go together (upstream: apimachinery internalversion validation). */
export function checkListOptions(options: ReadOptions & { continue?: string }): void {
  const { resourceVersion, resourceVersionMatch: match } = options
  if (!match) return
  const field = 'resourceVersionMatch'
  const errors: FieldError[] = []
  if (options.continue)
    errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided'))
  if (!resourceVersion) {
    errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`
    errors.push({ type: 'FieldValueNotSupported', field, message })
  }
  if (match === 'Exact' && resourceVersion === '0') {
    errors.push(forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  refuse(errors)
}

/** Whether the version parameters of a watch go together. */
export function checkWatchOptions(options: ReadOptions & { sendInitialEvents?: boolean }): void {
  const { resourceVersionMatch: match, sendInitialEvents } = options
  if (sendInitialEvents === undefined) {
    if (!match) return
    return refuse([
      forbiddenField(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    ])
  }
  if (match === 'NotOlderThan') return
  refuse([
    forbiddenField(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ),
  ])
}
