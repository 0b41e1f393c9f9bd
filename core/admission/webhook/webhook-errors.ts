import { badRequest, StatusError, type Status } from '../../api/status.ts'
import type { StatusError as Refusal } from '../../api/status.ts'

/** A webhook could not be asked, or its answer makes no sense; failurePolicy decides what that means. */
export class WebhookCallError extends Error {
  constructor(webhook: string, why: string) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`)
  }
}

/** The refusal that a webhook answered, under its name (upstream: plugin/webhook/errors/statuserror.go). */
export function deniedBy(webhook: string, result: Partial<Status> = {}): Refusal {
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const why = result.message || result.reason
  return new StatusError({
    ...result,
    apiVersion: 'v1',
    kind: 'Status',
    metadata: result.metadata ?? {},
    status: 'Failure',
    code: Math.max(result.code ?? 0, 400),
    message: why ? `${denied}: ${why}` : `${denied} without explanation`,
  })
}

/** Refuses to ask a webhook that has side effects for a dry run. */
export function dryRunUnsupported(webhook: string): Refusal {
  return badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)
}
