import type { KubeObject } from '../api/meta.ts'
import type { Transport } from '../client/transport.ts'
import { RevisionMismatchError, type Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { publishApiServerAddresses, type ApiServerAddress } from './bootstrap-objects.ts'

/** How often a server says that it lives, and how long the others believe it (upstream: 10 s and 15 s). */
const renewMs = 10_000
const believedMs = 15_000

/** Nothing serves them: they are between the servers (upstream: /registry/masterleases). */
const prefix = '/core/masterleases/'

interface MasterLease extends KubeObject {
  address: ApiServerAddress
  renewed: number
}

/** Keeps the endpoints of the `kubernetes` Service to the API servers that live. */
export interface ApiServerEndpoints {
  /** Where this one is, as pods reach it; it is among the endpoints once this resolves. */
  advertise(address: ApiServerAddress): Promise<void>
  /** Takes this one out of them. */
  close(): Promise<void>
}

/**
 * Every server of a store keeps an entry there and renews it; each writes the addresses of all that do to the endpoints (upstream:
 * pkg/controlplane/reconcilers/lease.go). Whether another one still renews is judged by when a change of its entry was seen here, so
 * clocks need not agree. Where no other process can write to the store, the own address is all there is.
 */
export function createApiServerEndpoints(options: {
  store: Store
  transport: Transport
  clock: Clock
  log: Logger
}): ApiServerEndpoints {
  const { store, transport, clock, log } = options
  const isShared = !store.acceptsAhead
  const own = new Map<string, ApiServerAddress>()
  const seen = new Map<string, { revision: number; at: number }>()
  let timer: Disposable | undefined
  let turn: Promise<void> = Promise.resolve()

  async function renew(key: string, address: ApiServerAddress): Promise<void> {
    const name = key.slice(prefix.length)
    const lease: MasterLease = {
      apiVersion: 'v1',
      kind: 'MasterLease',
      metadata: { name },
      address,
      renewed: clock.now(),
    }
    try {
      await store.update(key, () => lease)
    } catch (error) {
      if (!(error instanceof RevisionMismatchError)) throw error
      await store.create(key, lease)
    }
  }

  /** The addresses of the servers that live; the entries of those that do not are removed. */
  async function living(): Promise<ApiServerAddress[]> {
    const { entries } = await store.list(prefix)
    const addresses: ApiServerAddress[] = []
    for (const { key, revision, object } of entries) {
      const known = seen.get(key)
      if (known?.revision !== revision) seen.set(key, { revision, at: clock.now() })
      else if (!own.has(key) && clock.now() - known.at >= believedMs) {
        await remove(key, revision)
        continue
      }
      addresses.push((object as MasterLease).address)
    }
    return addresses
  }

  async function remove(key: string, revision?: number): Promise<void> {
    try {
      await store.delete(key, (current) => {
        // It lives after all.
        if (revision !== undefined && current.revision !== revision) throw new RevisionMismatchError(current)
      })
      seen.delete(key)
    } catch (error) {
      if (!(error instanceof RevisionMismatchError)) throw error
    }
  }

  async function reconcile(): Promise<void> {
    for (const [key, address] of own) await renew(key, address)
    const addresses = await living()
    // As upstream: endpoints that may be wrong are better than none.
    if (addresses.length > 0) await publishApiServerAddresses(transport, addresses)
  }

  /** One after another. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  return {
    async advertise(address) {
      if (!isShared) return publishApiServerAddresses(transport, [address])
      own.set(`${prefix}${address.ip}:${address.port}`, address)
      await inTurn(reconcile)
      timer ??= clock.every(renewMs, () => {
        inTurn(reconcile).catch((error: unknown) =>
          log.warn('the endpoints of the API server could not be written', { error }),
        )
      })
    },
    async close() {
      timer?.[Symbol.dispose]()
      if (own.size === 0) return
      await inTurn(async () => {
        const keys = [...own.keys()]
        own.clear()
        for (const key of keys) await remove(key)
        await reconcile()
      })
    },
  }
}
