import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import { internalError, StatusError } from '../../api/status.ts'
import { createReinvocations, type Reinvocation } from '../dynamic/reinvocation.ts'
import { replaceObject } from '../dynamic/replace-object.ts'
import { whenKnown } from '../dynamic/when-known.ts'
import { callWebhook } from './call-webhook.ts'
import { isRelevant, type WebhookDispatch } from './relevant-webhooks.ts'
import { observeCall } from './webhook-observer.ts'
import { WebhookCallError } from './webhook-errors.ts'
import type { Invocation } from './webhook-source.ts'

const auditPrefix = 'webhook.admission.k8s.io/'

interface Turn {
  attributes: AdmissionAttributes
  invocation: Invocation
  /** Names the turn in the audit log. */
  place: string
}

/**
 * Asks the mutating webhooks that a write concerns, one after the other, each with what those before made of the object
 * (upstream: plugin/webhook/mutating). When one changes the object, plugins and webhooks with reinvocationPolicy IfNeeded
 * that had their turn before get a second one.
 */
export function createMutatingWebhooks(dispatch: WebhookDispatch): AdmissionPlugin {
  const { source, clients, observer, clock, log } = dispatch
  const reinvocations = createReinvocations()

  /** Whether the webhook changed the object. */
  async function ask({ attributes, invocation, place }: Turn): Promise<boolean> {
    const { registered } = invocation
    const { name } = registered.webhook
    const { context } = attributes
    let changed = false
    try {
      const { patch, view } = await callWebhook(invocation, attributes, { clients, isMutating: true })
      if (!patch || patch.length === 0) return false
      changed = await applyPatch(attributes, { invocation, view, patch })
      const { configuration } = registered
      const note = { configuration, webhook: name, patch, patchType: 'JSONPatch' }
      context.audit?.(`patch.${auditPrefix}${place}`, JSON.stringify(note))
      return changed
    } finally {
      const note = { configuration: registered.configuration, webhook: name, mutated: changed }
      context.audit?.(`mutation.${auditPrefix}${place}`, JSON.stringify(note))
    }
  }

  async function takeTurn(turn: Turn, reinvocation: Reinvocation): Promise<void> {
    const { attributes, place } = turn
    const { registered } = turn.invocation
    const { name, failurePolicy, reinvocationPolicy } = registered.webhook
    try {
      const asked = { invocation: turn.invocation, attributes, type: 'admit' } as const
      if (await observeCall(observer, asked, () => ask(turn))) reinvocation.objectChanged()
    } catch (error) {
      if (!(error instanceof WebhookCallError)) throw error
      if (failurePolicy !== 'Ignore') throw internalError(error.message)
      log.warn('webhook could not be called; the request goes on without it', { webhook: name, error })
      observer?.failedOpen(name, 'admit')
      attributes.context.audit?.(`failed-open.mutation.${auditPrefix}${place}`, name)
    }
    if (reinvocationPolicy === 'IfNeeded') reinvocation.invoked(registered.id)
  }

  async function askAll(attributes: AdmissionAttributes): Promise<void> {
    const reinvocation = reinvocations.begin(attributes)
    for (const [at, invocation] of source.candidates(attributes).entries()) {
      if (!reinvocation.isDue(invocation.registered.id)) continue
      if (!(await isRelevant(dispatch, invocation, { attributes, type: 'admit' }))) continue
      const place = `round_${attributes.isReinvocation ? 1 : 0}_index_${at}`
      await takeTurn({ attributes, invocation, place }, reinvocation)
    }
    reinvocation.end()
  }

  return {
    name: 'MutatingAdmissionWebhook',
    admit: (attributes) =>
      whenKnown(source, { clock, attributes }, () =>
        source.candidates(attributes).length === 0 ? undefined : askAll(attributes),
      ),
  }
}

/** Puts the patched object in place. Failures are the webhook's own and no matter of failurePolicy. */
async function applyPatch(
  attributes: AdmissionAttributes,
  { invocation, view, patch }: { invocation: Invocation; view: AdmissionAttributes; patch: unknown[] },
): Promise<boolean> {
  const { name } = invocation.registered.webhook
  const { object, editor } = view
  if (!object || !editor) {
    throw internalError(
      `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
    )
  }
  const { equivalent } = invocation
  try {
    return await replaceObject(attributes, { view, equivalent }, editor.applyJsonPatch(object, patch))
  } catch (error) {
    throw error instanceof StatusError
      ? error
      : internalError(error instanceof Error ? error.message : String(error))
  }
}
