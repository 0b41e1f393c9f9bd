import type { ConfigMap } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../api/status.ts'
import type { Client } from '../client/client.ts'
import { createInformer } from '../client/informer.ts'
import { rfc3339, type Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'

const place = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' }
const key = `${place.namespace}/${place.name}`
/** One that somebody deletes comes back no more often than this. */
const creationPeriodMs = 30 * 60_000

/** Ends with `dispose`. */
export interface LegacyTokenTracking extends Disposable {
  /** Resolves once the ConfigMap is there. The namespace must be, too. */
  start(): Promise<void>
}

/**
 * Keeps the ConfigMap that says since when the use of tokens in Secrets is noted on these, which kube-controller-manager goes by before
 * it takes unused ones away (upstream: pkg/controlplane/controller/legacytokentracking).
 */
export function createLegacyTokenTracking(options: {
  client: Client
  clock: Clock
  log: Logger
}): LegacyTokenTracking {
  const { client, clock, log } = options
  const informer = createInformer({
    ...options,
    resource: resources.configMaps,
    selection: { namespace: place.namespace, fieldSelector: `metadata.name=${place.name}` },
  })
  let createdAt = Number.NEGATIVE_INFINITY
  let later: Disposable | undefined

  const today = (): ConfigMap['data'] => ({ since: rfc3339(clock.now()).slice(0, 10) })

  async function sync(): Promise<void> {
    later?.[Symbol.dispose]()
    const found = informer.store.get(key)
    if (found) {
      if (isDate(found.data?.['since'])) return
      await client.update(resources.configMaps, { ...found, data: { ...found.data, ...today() } })
      return
    }
    const waitMs = createdAt + creationPeriodMs - clock.now()
    if (waitMs > 0) later = clock.after(waitMs, () => void syncSafely())
    else {
      await client.create(resources.configMaps, { metadata: place, data: today() })
      createdAt = clock.now()
    }
  }

  /** What somebody else did meanwhile comes back as an event. */
  async function syncSafely(): Promise<void> {
    try {
      await sync()
    } catch (error) {
      if (isAlreadyExists(error) || isConflict(error) || isNotFound(error)) return
      log.warn('the tracking of legacy tokens could not be noted', { error })
    }
  }

  return {
    async start() {
      informer.start()
      await informer.whenSynced()
      await syncSafely()
      const again = (): void => void syncSafely()
      informer.addHandler({ updated: again, deleted: again })
    },
    [Symbol.dispose]() {
      later?.[Symbol.dispose]()
      informer[Symbol.dispose]()
    },
  }
}

/** `2026-11-29`. */
function isDate(text: string | undefined): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text ?? '') && !Number.isNaN(Date.parse(text!))
}
