import type { AdmissionAttributes } from '../../../api/request.ts'
import { StatusError } from '../../../api/status.ts'
import { admissionForbidden } from '../../admission-forbidden.ts'

/** Why a policy could not do its work. */
export interface PolicyProblem {
  policy: string
  binding: string | undefined
  message: string
  /** Of the Status; absent where the policy is misconfigured. */
  reason?: string
}

/** The Status of a request that is refused since policies could not be evaluated (upstream: generic/policy_dispatcher.go). */
export function deniedByPolicies(
  attributes: AdmissionAttributes,
  problems: readonly PolicyProblem[],
): StatusError {
  const { status } = admissionForbidden(attributes, 'admission request denied by policy')
  const messages = problems.map(({ policy, binding, message }) =>
    binding === undefined
      ? `policy ${JSON.stringify(policy)} denied request: ${message}`
      : `policy '${policy}' with binding '${binding}' denied request: ${message}`,
  )
  const { details = {} } = status
  return new StatusError({
    ...status,
    message: messages[0]!,
    reason: problems[0]!.reason ?? 'Forbidden',
    details: { ...details, causes: [...(details.causes ?? []), ...messages.map((message) => ({ message }))] },
  })
}
