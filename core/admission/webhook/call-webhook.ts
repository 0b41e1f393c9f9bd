import type { AdmissionAttributes } from '../../api/request.ts'
import type { WebhookClients } from '../../util/webhook/webhook-client.ts'
import {
  readResponse,
  reviewRequest,
  UndecodablePatchError,
  UnsupportedPatchError,
  type ReviewResponse,
} from './admission-review.ts'
import { deniedBy, dryRunUnsupported, WebhookCallError } from './webhook-errors.ts'
import type { Invocation } from './webhook-source.ts'
import { viewFor } from '../dynamic/request-view.ts'

const defaultTimeoutSeconds = 10
const harmless = ['None', 'NoneOnDryRun']

/**
 * Asks one webhook; resolves when it allows, with its patch. Throws a WebhookCallError when there is no sensible answer,
 * and a StatusError when it refuses or must not be asked. `view` is the request as it was told of it. Hands on its warnings and audit annotations.
 */
export async function callWebhook(
  { registered, equivalent }: Invocation,
  attributes: AdmissionAttributes,
  { clients, isMutating }: { clients: WebhookClients; isMutating: boolean },
): Promise<ReviewResponse & { view: AdmissionAttributes }> {
  const { webhook } = registered
  const { name, clientConfig, timeoutSeconds = defaultTimeoutSeconds } = webhook
  const { context } = attributes
  const fail = (why: string, error: unknown, code = 503): never => {
    throw new WebhookCallError(
      name,
      `${why}: ${error instanceof Error ? error.message : String(error)}`,
      code,
    )
  }
  if (context.dryRun && !harmless.includes(webhook.sideEffects)) throw dryRunUnsupported(name)
  const view = await viewFor(attributes, equivalent)
  let review
  try {
    review = reviewRequest(registered, view, attributes)
  } catch (error) {
    return fail('could not create admission objects', error, 400)
  }
  let answer
  try {
    answer = await clients.client(clientConfig).post(review.body, timeoutSeconds)
  } catch (error) {
    return fail('failed to call webhook', error)
  }
  let response: ReviewResponse
  try {
    response = readResponse(review, answer, isMutating)
  } catch (error) {
    if (error instanceof UnsupportedPatchError) throw new WebhookCallError(name, error.message)
    if (error instanceof UndecodablePatchError)
      return fail('received undecodable patch in webhook response', error, 500)
    return fail('received invalid webhook response', error)
  }
  for (const [key, value] of Object.entries(response.auditAnnotations))
    context.audit?.(`${name}/${key}`, value)
  for (const warning of response.warnings) context.warn(warning)
  if (!response.allowed) throw deniedBy(name, response.status)
  return { ...response, view }
}
