import type { AdmissionAttributes } from '../../api/request.ts'
import type { ConditionObserver } from '../expressions/condition-observer.ts'
import { WebhookCallError, WebhookRejection } from './webhook-errors.ts'
import type { Invocation } from './webhook-source.ts'

export type WebhookType = 'admit' | 'validating'

/** How one call of a webhook ended, for metrics (upstream: pkg/admission/metrics ObserveWebhook). */
export interface WebhookCall {
  name: string
  type: WebhookType
  operation: string
  ms: number
  /** Whether the request was refused for it. */
  rejected: boolean
  /** HTTP's: 200 where the webhook allowed, 0 where the API server failed. */
  code: number
  errorType: 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error'
}

/** Is told of webhooks' calls, for metrics. */
export interface WebhookObserver extends ConditionObserver {
  called(call: WebhookCall): void
  /** A request went on although the webhook could not be called. */
  failedOpen(name: string, type: WebhookType): void
}

/** Tells the observer of one call; its result and its error are handed on as they are. */
export async function observeCall<T>(
  observer: WebhookObserver | undefined,
  asked: { invocation: Invocation; type: WebhookType; attributes: AdmissionAttributes },
  call: () => Promise<T>,
): Promise<T> {
  if (!observer) return call()
  const { webhook } = asked.invocation.registered
  const begin = performance.now()
  const told = { name: webhook.name, type: asked.type, operation: asked.attributes.operation }
  const ended = (end: Pick<WebhookCall, 'rejected' | 'code' | 'errorType'>): void =>
    observer.called({ ...told, ...end, ms: performance.now() - begin })
  try {
    const result = await call()
    ended({ rejected: false, code: 200, errorType: 'no_error' })
    return result
  } catch (error) {
    if (error instanceof WebhookCallError) {
      const rejected = webhook.failurePolicy !== 'Ignore'
      ended({ rejected, code: error.code, errorType: 'calling_webhook_error' })
    } else if (error instanceof WebhookRejection) {
      ended({ rejected: true, code: error.status.code ?? 0, errorType: 'no_error' })
    } else ended({ rejected: true, code: 0, errorType: 'apiserver_internal_error' })
    throw error
  }
}
