import { badRequest, StatusError, type Status } from '../../api/status.ts'

/** A webhook could not be asked, or its answer makes no sense; failurePolicy decides what that means. */
export class WebhookCallError extends Error {
  /** HTTP's, as upstream counts the failure. */
  readonly code: number
  constructor(webhook: string, why: string, code = 503) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`)
    this.code = code
  }
}

/** A webhook's own refusal. */
export class WebhookRejection extends StatusError {}

/** The refusal that a webhook answered, under its name (upstream: plugin/webhook/errors/statuserror.go). */
export function deniedBy(webhook: string, result: Partial<Status> = {}): WebhookRejection {
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const why = result.message || result.reason
  return new WebhookRejection({
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
export function dryRunUnsupported(webhook: string): StatusError {
  return badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)
}
