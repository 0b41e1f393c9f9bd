import { parseExactJson } from '../../api/exact-json.ts'
import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import { expired } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { ServiceDialer } from '../../util/service-dialer.ts'
import { createWebhookClients, type WebhookClients } from '../../util/webhook/webhook-client.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'
import { customKindsOf } from './custom-kind.ts'

export interface FollowOptions {
  registry: Registry
  /** Reaches conversion webhooks behind Services; without it those cannot be called. */
  dialer?: ServiceDialer
  clock: Clock
  log: Logger
}

interface Known {
  /** What the kinds were made from: everything of the definition that they depend on. */
  facts: string
  kinds: KindDefinition[]
}

const retryMs = 200

/**
 * Keeps the registry serving what the stored CustomResourceDefinitions define. When it resolves, every definition there
 * is served; from then on a change is in force before the writer's next request. Dispose ends it.
 */
export async function followDefinitions(options: FollowOptions): Promise<Disposable> {
  const { registry } = options
  const definitions = registry.resource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')
  if (!definitions) throw new Error('CustomResourceDefinitions are not served')
  const follower = new Follower(options, definitions)
  await follower.restart()
  return {
    [Symbol.dispose]: () => follower.stop(),
  }
}

class Follower {
  readonly #options: FollowOptions
  readonly #definitions: ResourceRegistry
  readonly #webhooks: WebhookClients
  readonly #known = new Map<string, Known>()
  #watch: { close(): void } | undefined
  #retry: Disposable | undefined
  #stopped = false

  constructor(options: FollowOptions, definitions: ResourceRegistry) {
    this.#options = options
    this.#definitions = definitions
    this.#webhooks = createWebhookClients({
      dialer: options.dialer,
      clock: options.clock,
      parse: parseExactJson,
    })
  }

  stop(): void {
    this.#stopped = true
    this.#watch?.close()
    this.#retry?.[Symbol.dispose]()
    this.#webhooks[Symbol.dispose]()
  }

  /** Lists everything and watches from there. */
  async restart(): Promise<void> {
    const page = await this.#definitions.list({})
    const names = new Set(page.entries.map(({ object }) => object.metadata.name))
    for (const name of [...this.#known.keys()]) if (!names.has(name)) this.#known.delete(name)
    for (const { object } of page.entries) this.#learn(object)
    this.#serve()
    this.#watch = await this.#definitions.watch(
      { resourceVersion: page.resourceVersion },
      {
        onEvents: (events) => {
          let isChanged = false
          for (const { type, object } of events) {
            isChanged = (type === 'DELETED' ? this.#forget(object) : this.#learn(object)) || isChanged
          }
          if (isChanged) this.#serve()
        },
        onEnd: (error) => this.#restartLater(error ?? expired()),
      },
    )
    if (this.#stopped) this.#watch.close()
  }

  #restartLater(error: Error): void {
    if (this.#stopped) return
    const { clock, log } = this.#options
    log.warn('the watch of custom resource definitions ended', { error })
    this.#retry = clock.after(retryMs, () => {
      this.restart().catch((failure: unknown) => {
        this.#restartLater(failure instanceof Error ? failure : new Error(String(failure)))
      })
    })
  }

  #learn(object: KubeObject): boolean {
    const crd = object as CustomResourceDefinition
    const { uid, generation, name } = crd.metadata
    const conditions = crd.status?.conditions?.filter(({ type }) =>
      ['Established', 'Terminating'].includes(type),
    )
    const states = conditions?.map(({ type, status }) => [type, status])
    const facts = JSON.stringify([uid, generation, crd.status?.acceptedNames, states])
    if (this.#known.get(name)?.facts === facts) return false
    this.#known.set(name, { facts, kinds: customKindsOf(crd, this.#webhooks) })
    return true
  }

  #forget({ metadata }: KubeObject): boolean {
    return this.#known.delete(metadata.name)
  }

  #serve(): void {
    this.#options.registry.setCustomKinds([...this.#known.values()].flatMap(({ kinds }) => kinds))
  }
}
