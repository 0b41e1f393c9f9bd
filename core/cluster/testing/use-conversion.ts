import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { serveControlPlane, type ServedControlPlane } from './serve-control-plane.ts'
import { waitFor } from './wait-for.ts'
import { startWebhookServer, type Json, type WebhookServer } from './webhook-server.ts'
import { refusal } from './refusal.ts'

const name = 'routes.example.com'

const routes = (version: string): Resource<KubeObject> => ({
  group: 'example.com',
  version,
  resource: 'routes',
  kind: 'Route',
  namespaced: true,
})

export const [v1, v2] = [routes('v1'), routes('v2')]

/** v1 has host and port, v2 an address of both. */
export function convert(object: Json, apiVersion: string): Json {
  const { host, port, address } = object.spec
  const [toHost, toPort] = String(address ?? '').split(':')
  const spec =
    apiVersion === 'example.com/v2' ? { address: `${host}:${port}` } : { host: toHost, port: Number(toPort) }
  return { ...object, apiVersion, spec }
}

/** What a conversion webhook answers to a review, with these members of the response instead. */
export const answer = (body: Json, change: object = {}): Json => ({
  kind: 'ConversionReview',
  apiVersion: body.apiVersion,
  response: {
    uid: body.request.uid,
    result: { status: 'Success' },
    convertedObjects: body.request.objects.map((one: Json) => convert(one, body.request.desiredAPIVersion)),
    ...change,
  },
})

/** A control plane for a file, with routes in two versions that a webhook converts. */
export function useConversion() {
  let served: ServedControlPlane
  let client: Client
  let hooks: WebhookServer
  let names = 0

  beforeAll(async () => {
    hooks = await startWebhookServer()
    served = await serveControlPlane()
    ;({ client } = served)
    const schema = (properties: object): object => ({
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: { type: 'object', properties },
          status: { type: 'object', properties: { ok: { type: 'boolean' } } },
        },
      },
    })
    const text = { type: 'string' }
    const crd = (await client.create(resources.customResourceDefinitions, {
      metadata: { name },
      spec: {
        group: 'example.com',
        names: { plural: 'routes', kind: 'Route' },
        scope: 'Namespaced',
        conversion: {
          strategy: 'Webhook',
          webhook: {
            clientConfig: { url: `${hooks.url}/convert`, caBundle: hooks.caBundle },
            conversionReviewVersions: ['v1'],
          },
        },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: schema({ host: text, port: { type: 'integer' } }),
          },
          {
            name: 'v2',
            served: true,
            storage: false,
            schema: schema({ address: text, weight: { type: 'integer', default: 5 } }),
            subresources: { status: {} },
          },
        ],
      },
    } as Json)) as Json
    const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }))
    await client.updateStatus(resources.customResourceDefinitions, {
      ...crd,
      status: { conditions, acceptedNames: crd.spec.names, storedVersions: ['v1'] },
    })
    hooks.answers.set('/convert', (body) => answer(body))
    await waitFor(async () => ((await refusal(client.list(v2))) === 'allowed' ? true : undefined))
  })
  afterAll(async () => {
    await served[Symbol.asyncDispose]()
    await hooks[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    hooks.answers.set('/convert', (body) => answer(body))
    await client.deleteCollection(v1, { namespace: 'default' })
    hooks.requests.length = 0
  })

  const route = (change: object = {}): Json => ({
    metadata: { name: `r${++names}`, namespace: 'default' },
    spec: { host: 'a', port: 1 },
    ...change,
  })

  return {
    get client() {
      return client
    },
    get hooks() {
      return hooks
    },
    route,
  }
}
