import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import { internalError } from '../../api/status.ts'
import { whenKnown } from '../dynamic/when-known.ts'
import { callWebhook } from './call-webhook.ts'
import { relevantWebhooks, type WebhookDispatch } from './relevant-webhooks.ts'
import { observeCall } from './webhook-observer.ts'
import { WebhookCallError } from './webhook-errors.ts'
import type { Invocation } from './webhook-source.ts'

const failedOpen = 'failed-open.validating.webhook.admission.k8s.io/'

/**
 * Asks every validating webhook that a write concerns, all at once; the first that refuses decides (upstream:
 * plugin/webhook/validating). A write that none concerns is let through without a promise.
 */
export function createValidatingWebhooks(dispatch: WebhookDispatch): AdmissionPlugin {
  const { source, clients, observer, clock, log } = dispatch

  async function ask(invocation: Invocation, attributes: AdmissionAttributes, at: number): Promise<void> {
    const { name, failurePolicy } = invocation.registered.webhook
    try {
      const asked = { invocation, attributes, type: 'validating' } as const
      await observeCall(observer, asked, () =>
        callWebhook(invocation, attributes, { clients, isMutating: false }),
      )
    } catch (error) {
      if (!(error instanceof WebhookCallError)) throw error
      if (failurePolicy !== 'Ignore') throw internalError(error.message)
      log.warn('webhook could not be called; the request goes on without it', { webhook: name, error })
      observer?.failedOpen(name, 'validating')
      attributes.context.audit?.(`${failedOpen}round_0_index_${at}`, name)
    }
  }

  async function askAll(attributes: AdmissionAttributes): Promise<void> {
    const relevant = await relevantWebhooks(dispatch, { attributes, type: 'validating' })
    const answers = await Promise.allSettled(relevant.map((one, at) => ask(one, attributes, at)))
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  }

  return {
    name: 'ValidatingAdmissionWebhook',
    validate: (attributes) =>
      whenKnown(source, { clock, attributes }, () =>
        source.candidates(attributes).length === 0 ? undefined : askAll(attributes),
      ),
  }
}
