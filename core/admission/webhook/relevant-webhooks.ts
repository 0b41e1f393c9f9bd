import type { AdmissionAttributes } from '../../api/request.ts'
import { forbidden } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { WebhookClients } from '../../util/webhook/webhook-client.ts'
import type { AdmissionReader } from '../admission-reader.ts'
import { namespaceLabels } from '../dynamic/namespaces.ts'
import { viewFor } from '../dynamic/request-view.ts'
import { observeConditions } from '../expressions/condition-observer.ts'
import { createRequestAuthorizer, type ExpressionAuthorizer } from '../expressions/expression-authorizer.ts'
import { expressionInputs } from '../expressions/expression-inputs.ts'
import type { WebhookObserver, WebhookType } from './webhook-observer.ts'
import type { Invocation, WebhookSource } from './webhook-source.ts'

/** What webhooks are dispatched with. */
export interface WebhookDispatch {
  source: WebhookSource
  reader: AdmissionReader
  authorize: ExpressionAuthorizer
  clients: WebhookClients
  observer?: WebhookObserver | undefined
  clock: Clock
  log: Logger
}

/** A request and the phase in which webhooks are asked about it. */
export interface WebhookRequest {
  attributes: AdmissionAttributes
  type: WebhookType
}

/** Whether a candidate is to be called for this request as it is now. Throws a 403 when its conditions cannot be told. */
export async function isRelevant(
  dispatch: WebhookDispatch,
  invocation: Invocation,
  request: WebhookRequest,
): Promise<boolean> {
  const { reader } = dispatch
  const { selects, conditions } = invocation.registered
  if (!(await selects(request.attributes, (name) => namespaceLabels(reader, name)))) return false
  return conditions === undefined || meetsConditions(dispatch, invocation, request)
}

async function meetsConditions(
  { authorize, observer, log }: WebhookDispatch,
  { registered: { webhook, conditions }, equivalent }: Invocation,
  { attributes, type }: WebhookRequest,
): Promise<boolean> {
  const authorizer = createRequestAuthorizer(authorize, attributes)
  const view = await viewFor(attributes, equivalent)
  const inputs = expressionInputs(view, { requested: attributes, authorizer })
  const ignoresFailures = webhook.failurePolicy === 'Ignore'
  const owner = { name: webhook.name, kind: 'webhook', type, ignoresFailures } as const
  const result = await authorizer.run(() =>
    observeConditions(observer, { owner, operation: attributes.operation }, () => conditions!.match(inputs)),
  )
  if (result.error === undefined) return result.matches
  if (ignoresFailures) return false
  log.warn('match conditions cannot be told; the request is refused', {
    webhook: webhook.name,
    error: result.error,
  })
  throw forbidden(attributes.resource, attributes.name, result.error)
}

/** The candidates to be called, in order. */
export async function relevantWebhooks(
  dispatch: WebhookDispatch,
  request: WebhookRequest,
): Promise<Invocation[]> {
  const relevant: Invocation[] = []
  for (const candidate of dispatch.source.candidates(request.attributes)) {
    if (await isRelevant(dispatch, candidate, request)) relevant.push(candidate)
  }
  return relevant
}
