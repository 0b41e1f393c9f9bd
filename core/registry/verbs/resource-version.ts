import { goQuote } from '../../api/go-text.ts'
import { badRequest, failure, invalid } from '../../api/status.ts'
import { forbiddenField } from '../../api/field-errors.ts'
import type { FieldError, StatusError } from '../../api/status.ts'
import type { ReadOptions } from '../registry.ts'

const largest = 2n ** 64n - 1n

/** An unsigned number of 64 bits, beyond 2^53 the nearest there is, or why it is none, in the words of Go's strconv. */
export function parseUint(text: string): number | Error {
  const isNumber = /^\d+$/.test(text)
  if (isNumber && (text.length < 20 || BigInt(text) <= largest)) return Number(text)
  const why = isNumber ? 'value out of range' : 'invalid syntax'
  return new Error(`strconv.ParseUint: parsing ${goQuote(text)}: ${why}`)
}

/** Who asks: of lists, and of reads that upstream has no cache for, what is no version is the caller's fault. */
export interface VersionUse {
  isList?: boolean
  isUncached?: boolean
}

/** Reads a resourceVersion parameter: undefined when absent, 0 for "any". Throws BadRequest or 500 for anything else, as upstream. */
export function parseResourceVersion(text: string | undefined, use: VersionUse = {}): number | undefined {
  if (text === undefined || text === '') return undefined
  const version = parseUint(text)
  if (typeof version === 'number') return version
  const why = `resourceVersion: Invalid value: ${JSON.stringify(text)}: ${version.message}`
  throw use.isList || use.isUncached ? badRequest(`invalid resource version: ${why}`) : failure(500, '', why)
}

/** 504: the revision asked for does not exist yet (upstream: storage.NewTooLargeResourceVersionError). */
export function tooLargeResourceVersion(
  asked: number,
  current: number,
  { isUncached }: VersionUse = {},
): StatusError {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    ...(!isUncached && { retryAfterSeconds: 1 }),
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
