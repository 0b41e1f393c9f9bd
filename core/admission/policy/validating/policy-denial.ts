import type { AdmissionAttributes } from '../../../api/request.ts'
import { StatusError } from '../../../api/status.ts'
import { admissionForbidden } from '../../admission-forbidden.ts'

/** Who denies a request, and why. */
export interface PolicyDenial {
  policy: string
  binding: string | undefined
  message: string
  reason?: string | undefined
}

const codes: Record<string, number> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

/** The Status of a denied request; its code goes by the reason (upstream: plugin/policy/validating/dispatcher.go). */
export function deniedByPolicy(
  attributes: AdmissionAttributes,
  { policy, binding, message, reason = 'Invalid' }: PolicyDenial,
): StatusError {
  const by = binding === undefined ? '' : ` with binding '${binding}'`
  const text = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`
  const { status } = admissionForbidden(attributes, text)
  const { details = {} } = status
  return new StatusError({
    ...status,
    reason,
    code: codes[reason] ?? 422,
    details: { ...details, causes: [...(details.causes ?? []), { message: text }] },
  })
}
