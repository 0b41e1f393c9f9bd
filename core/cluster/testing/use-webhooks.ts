import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { serveControlPlane, type ServedControlPlane } from './serve-control-plane.ts'
import { startWebhookServer, type Json, type WebhookServer } from './webhook-server.ts'

const configMapRule = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['*'],
  resources: ['configmaps'],
}

/** A control plane for a file, and a server of admission webhooks for each test; no webhook stays registered after a test. */
export function useWebhooks() {
  let served: ServedControlPlane
  let client: Client
  let hooks: WebhookServer
  let names = 0

  beforeAll(async () => {
    served = await serveControlPlane()
    ;({ client } = served)
  })
  afterAll(() => served[Symbol.asyncDispose]())
  beforeEach(async () => {
    hooks = await startWebhookServer({ dnsNames: ['localhost', 'hook.web.svc'] })
  })
  afterEach(async () => {
    await client.deleteCollection(resources.mutatingWebhookConfigurations, {})
    await client.deleteCollection(resources.validatingWebhookConfigurations, {})
    const { validating, mutating } = await settle()
    expect([validating, mutating]).toEqual([[], []])
    await hooks[Symbol.asyncDispose]()
  })

  /** Registration travels by watch; what is registered last is there when a write in its own corner shows it. */
  async function settle(): Promise<{ validating: unknown[]; mutating: unknown[] }> {
    const [validating, mutating] = await Promise.all([
      client.list(resources.validatingWebhookConfigurations),
      client.list(resources.mutatingWebhookConfigurations),
    ])
    await new Promise((resolve) => setImmediate(resolve))
    return { validating: validating.items, mutating: mutating.items }
  }

  function webhook(name: string, path: string, change: object = {}): Json {
    return {
      name,
      clientConfig: { url: `${hooks.url}${path}`, caBundle: hooks.caBundle },
      rules: [configMapRule],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...change,
    }
  }

  async function register(kind: 'mutating' | 'validating', name: string, webhooks: Json[]): Promise<void> {
    const resource =
      kind === 'mutating'
        ? resources.mutatingWebhookConfigurations
        : resources.validatingWebhookConfigurations
    await client.create(resource, { metadata: { name }, webhooks })
    await settle()
  }

  function configMap(change: object = {}): Json {
    return { metadata: { name: `c${++names}`, namespace: 'default', ...change }, data: { a: '1' } }
  }
  const createMap = (change?: object, dryRun = false): Promise<Json> =>
    client.create(resources.configMaps, configMap(change), { dryRun })

  const createDeployment = (name: string): Promise<Json> =>
    client.create(resources.deployments, {
      metadata: { name, namespace: 'default' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { name: '', labels: { a: 'b' } },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        },
      },
    })

  return {
    get served() {
      return served
    },
    get client() {
      return client
    },
    get hooks() {
      return hooks
    },
    webhook,
    register,
    configMap,
    createMap,
    createDeployment,
  }
}
