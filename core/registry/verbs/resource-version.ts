import { badRequest, failure, invalid } from '../../api/status.ts'
import { forbiddenField } from '../../api/field-errors.ts'
import type { FieldError, StatusError } from '../../api/status.ts'
import type { ReadOptions } from '../registry.ts'

/**
 * Reads a resourceVersion parameter: undefined when absent, 0 for "any". Throws for anything else, of a list BadRequest and of the other
 * verbs 500, as upstream.
 */
export function parseResourceVersion(
  text: string | undefined,
  options: { isList?: boolean } = {},
): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const quoted = JSON.stringify(text)
  const why = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`
  throw options.isList ? badRequest(`invalid resource version: ${why}`) : failure(500, '', why)
}

/** 504: the revision asked for does not exist yet (upstream: storage.NewTooLargeResourceVersionError). */
export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  })
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
}

type RangeOptions = ReadOptions & { continue?: string; sendInitialEvents?: boolean }

const matchField = 'resourceVersionMatch'

function unsupportedMatch(match: string, supported: string): FieldError {
  const message = `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`
  return { type: 'FieldValueNotSupported', field: matchField, message }
}

/** Whether the version parameters of a list go together (upstream: apimachinery internalversion validation). */
export function checkListOptions(options: RangeOptions): void {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options
  const errors: FieldError[] = []
  if (match) {
    if (!resourceVersion)
      errors.push(forbiddenField(matchField, `${matchField} is forbidden unless resourceVersion is provided`))
    if (options.continue)
      errors.push(forbiddenField(matchField, `${matchField} is forbidden when continue is provided`))
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(unsupportedMatch(match, '"Exact", "NotOlderThan", ""'))
    if (match === 'Exact' && resourceVersion === '0')
      errors.push(forbiddenField(matchField, `${matchField} "exact" is forbidden for resourceVersion "0"`))
  }
  if (sendInitialEvents !== undefined)
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  refuse(errors)
}

/** Whether the version parameters of a watch go together. */
export function checkWatchOptions(options: RangeOptions): void {
  const { resourceVersionMatch: match, sendInitialEvents } = options
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    const message = `sendInitialEvents requires setting ${matchField} to NotOlderThan`
    errors.push(forbiddenField(matchField, message))
  }
  if (match) {
    if (sendInitialEvents === undefined) {
      const message = `${matchField} is forbidden for watch unless sendInitialEvents is provided`
      errors.push(forbiddenField(matchField, message))
    }
    if (match !== 'NotOlderThan') errors.push(unsupportedMatch(match, '"NotOlderThan"'))
    if (options.continue)
      errors.push(forbiddenField(matchField, `${matchField} is forbidden when continue is provided`))
  }
  refuse(errors)
}
