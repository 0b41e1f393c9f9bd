import type { AdmissionAttributes } from '../../api/request.ts'
import { internalError, isNotFound } from '../../api/status.ts'
import { resources } from '../../api/resources.ts'
import type { Labels } from '../../api/selectors.ts'
import type { Logger } from '../../util/logger.ts'
import type { WebhookClients } from '../../util/webhook/webhook-client.ts'
import type { AdmissionReader } from '../admission-reader.ts'
import type { Invocation, WebhookSource } from './webhook-source.ts'

/** What webhooks are dispatched with. */
export interface WebhookDispatch {
  source: WebhookSource
  reader: AdmissionReader
  clients: WebhookClients
  log: Logger
}

/** Whether a candidate is to be called for this request as it is now. */
export async function isRelevant(
  { reader }: WebhookDispatch,
  { registered }: Invocation,
  attributes: AdmissionAttributes,
): Promise<boolean> {
  return registered.selects(attributes, (name) => namespaceLabels(reader, name))
}

/** The candidates to be called, in order. */
export async function relevantWebhooks(
  dispatch: WebhookDispatch,
  attributes: AdmissionAttributes,
): Promise<Invocation[]> {
  const relevant: Invocation[] = []
  for (const candidate of dispatch.source.candidates(attributes)) {
    if (await isRelevant(dispatch, candidate, attributes)) relevant.push(candidate)
  }
  return relevant
}

async function namespaceLabels(reader: AdmissionReader, name: string): Promise<Labels> {
  try {
    return (await reader.get(resources.namespaces, { name })).metadata.labels
  } catch (error) {
    if (isNotFound(error)) throw error
    throw internalError(error instanceof Error ? error.message : String(error))
  }
}
