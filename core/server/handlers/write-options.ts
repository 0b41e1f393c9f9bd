import type { DecodeProblems } from '../../registry/schema/duplicate-keys.ts'
import type { RequestContext, UserInfo } from '../../api/request.ts'
import { invalid, type FieldError } from '../../api/status.ts'
import { forbiddenField, notSupported, required } from '../../api/field-errors.ts'
import { rfc3339 } from '../../util/clock.ts'
import { maxManagerBytes, validateFieldManager } from '../../registry/validation/managed-fields.ts'
import type { WriteOptions } from '../../registry/registry.ts'
import type { AuditRecord } from '../audit/audit-record.ts'
import { isTrue } from '../request-info.ts'

/** Where the options of a write come from. */
export interface WriteSource {
  query: URLSearchParams
  user: UserInfo
  userAgent: string | undefined
  /** Milliseconds since the epoch. */
  now: number
  warn(message: string): void
  /** The record that admission may annotate, when the request is audited. */
  audit?: AuditRecord | undefined
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

const fieldValidations = ['', 'Ignore', 'Strict', 'Warn']

/** The manager of a write that names none: the start of its User-Agent (upstream: prefixFromUserAgent). */
function managerFromUserAgent(userAgent: string | undefined): string {
  const prefix = (userAgent ?? '').split('/')[0]!.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '')
  return prefix.slice(0, maxManagerBytes) || 'unknown'
}

/** The problem of dryRun values other than All, which are shown together (upstream: ValidateDryRun). */
export function validateDryRun(values: readonly unknown[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])]
}

/** Problems of the options of a write (upstream: apimachinery/pkg/apis/meta/v1/validation). */
function validate(query: URLSearchParams, kind: OptionsKind, isApply: boolean): FieldError[] {
  const errors: FieldError[] = []
  const manager = query.get('fieldManager') ?? ''
  if (kind === 'PatchOptions') {
    if (isApply && !manager) errors.push(required('fieldManager', 'is required for apply patch'))
    if (!isApply && query.has('force')) {
      errors.push(forbiddenField('force', 'may not be specified for non-apply patch'))
    }
  }
  errors.push(...validateFieldManager(manager, 'fieldManager'))
  errors.push(...validateDryRun(query.getAll('dryRun')))
  const fieldValidation = query.get('fieldValidation') ?? ''
  if (!fieldValidations.includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, fieldValidations))
  }
  return errors
}

/**
 * The options of a write from its query: dryRun, fieldManager, fieldValidation (default Warn). Throws 422 with
 * upstream's text for values that are not supported.
 */
export function parseWriteOptions(
  source: WriteSource,
  kind: OptionsKind,
  extra: { subresource?: string; decodeProblems?: DecodeProblems; isApply?: boolean } = {},
): WriteOptions {
  const { query } = source
  const errors = validate(query, kind, extra.isApply === true)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
  const options: WriteOptions = { context: contextOf(source, query.getAll('dryRun').length > 0) }
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  options.fieldValidation = fieldValidation as NonNullable<WriteOptions['fieldValidation']>
  if (extra.subresource) options.subresource = extra.subresource
  if (extra.decodeProblems?.messages.length) options.decodeProblems = extra.decodeProblems
  return options
}

/** The context of a write. */
export function contextOf(source: WriteSource, dryRun: boolean): RequestContext {
  const { audit } = source
  return {
    user: source.user,
    dryRun,
    fieldManager: source.query.get('fieldManager') || managerFromUserAgent(source.userAgent),
    now: rfc3339(source.now),
    warn: (message) => source.warn(message),
    ...(audit ? { audit: (key, value) => audit.annotate(key, value) } : {}),
  }
}

/** Whether an apply patch takes over fields that others own. */
export function isForced(query: URLSearchParams): boolean {
  return isTrue(query.get('force'))
}
