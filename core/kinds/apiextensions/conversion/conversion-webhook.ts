import { randomUUID } from 'node:crypto'
import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import type { KubeObject } from '../../../api/meta.ts'
import { failure, type StatusError } from '../../../api/status.ts'
import type { ConvertObjects } from '../../../registry/convert-objects.ts'
import type { WebhookClients } from '../../../util/webhook/webhook-client.ts'
import { convertedObject } from './converted-object.ts'
import { convertedObjects } from './conversion-review.ts'

const timeoutSeconds = 30
const reviewVersions = ['v1', 'v1beta1']
/** What Go writes of a response that is still to come. */
const unanswered = { uid: '', convertedObjects: null, result: { metadata: {} } }

/**
 * Converts through the webhook of a definition; undefined where versions differ by apiVersion alone (upstream:
 * apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go). Failures are 500s in upstream's words.
 */
export function conversionWebhook(
  { spec }: CustomResourceDefinition,
  clients: WebhookClients,
): ConvertObjects | undefined {
  const { strategy, webhook } = spec.conversion ?? {}
  const { clientConfig } = webhook ?? {}
  if (strategy !== 'Webhook' || !clientConfig) return undefined
  const version = webhook!.conversionReviewVersions.find((one) => reviewVersions.includes(one))

  /** What the webhook makes of objects that all need it. */
  async function ask(objects: readonly KubeObject[], desiredAPIVersion: string): Promise<unknown[]> {
    const fail = failing(objects[0]!)
    if (!version) throw failure(500, '', 'no supported conversion review versions')
    const apiVersion = `apiextensions.k8s.io/${version}`
    const uid = randomUUID()
    const request = { uid, desiredAPIVersion, objects }
    const review = { kind: 'ConversionReview', apiVersion, request, response: unanswered }
    let made: unknown[]
    try {
      const answer = await clients.client(clientConfig!).post(review, timeoutSeconds)
      made = convertedObjects(answer, { uid, apiVersion })
    } catch (error) {
      throw fail(`failed: ${messageOf(error)}`)
    }
    if (made.length !== objects.length) {
      throw fail(`returned ${made.length} objects, expected ${objects.length}`)
    }
    return made
  }

  return async (objects, apiVersion) => {
    const foreign = objects.filter((object) => object.apiVersion !== apiVersion)
    if (foreign.length === 0) return [...objects]
    const made = await ask(foreign, apiVersion)
    let next = 0
    return objects.map((object) => {
      if (object.apiVersion === apiVersion) return object
      const index = next++
      const place = { apiVersion, index, isOne: foreign.length === 1 }
      try {
        return convertedObject(object, made[index], place)
      } catch (error) {
        throw failing(object)(`returned ${messageOf(error)}`)
      }
    })
  }
}

function failing({ apiVersion, kind }: KubeObject): (what: string) => StatusError {
  return (what) => failure(500, '', `conversion webhook for ${apiVersion}, Kind=${kind} ${what}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
