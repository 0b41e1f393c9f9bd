import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { isExpired, StatusError } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Client, Selection } from './client.ts'
import { createRetryDelay } from './retry-delay.ts'
import { sleep } from './sleep.ts'
import type { WatchEvent } from './transport.ts'

/** What a reflector tells: first one `replace`, then changes; after a gap another `replace`. */
export interface ReflectorSink<T extends KubeObject> {
  replace(items: T[], resourceVersion: string): void
  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void
}

export interface ReflectorOptions<T extends KubeObject> {
  client: Client
  resource: Resource<T>
  selection?: Selection
  sink: ReflectorSink<T>
  clock: Clock
  log: Logger
  /** For jitter; default Math.random. */
  random?: () => number
}

/** Each watch ends after 5 to 10 minutes, so that servers can shed load (upstream: minWatchTimeout). */
const minWatchSeconds = 300

/**
 * Mirrors a resource into a sink: list, then watch from the list's resourceVersion with bookmarks, for ever. A watch
 * that ends is resumed from the last version seen; 410 leads to a new list; failures are retried with jittered
 * back-off from 0.8 s to 30 s (upstream: client-go tools/cache/reflector.go). Dispose ends it; the sink is not called
 * afterwards.
 */
export function startReflector<T extends KubeObject>(options: ReflectorOptions<T>): Disposable {
  const { client, resource, selection = {}, sink, clock, log } = options
  const random = options.random ?? Math.random
  const stop = new AbortController()
  const { signal } = stop
  const delay = createRetryDelay({ minMs: 800, maxMs: 30_000, jitter: 1, random })
  /** Where to resume; undefined asks for a list. */
  let version: string | undefined
  /** The version of the last list: while it is also where to resume, no watch has got anywhere since. */
  let listed: string | undefined
  let listVersion = '0'

  async function list(): Promise<void> {
    const answer = await client.list(resource, { ...selection, resourceVersion: listVersion, signal })
    if (signal.aborted) return
    version = answer.metadata.resourceVersion ?? ''
    listed = version
    listVersion = '0'
    sink.replace(answer.items, version)
    delay.reset()
  }

  function onEvents(events: WatchEvent<T>[]): void {
    for (const { type, object } of events) {
      if (signal.aborted) return
      version = object.metadata.resourceVersion ?? version
      if (type !== 'BOOKMARK') sink.change(type, object)
    }
    delay.reset()
  }

  async function watch(resourceVersion: string): Promise<void> {
    const timeoutSeconds = Math.floor(minWatchSeconds * (1 + random()))
    const call = { ...selection, resourceVersion, allowWatchBookmarks: true, timeoutSeconds, signal }
    const startedAt = clock.now()
    await client.watch(resource, call, onEvents)
    // A server that closes each watch at once must not be hammered.
    if (clock.now() - startedAt < 1_000 && version === resourceVersion) {
      await sleep(clock, delay.next(), signal)
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        if (version === undefined) await list()
        else await watch(version)
      } catch (error) {
        if (signal.aborted) return
        if (isExpired(error)) {
          // The cache that answered resourceVersion=0 may be the old one: ask for the newest state.
          listVersion = ''
          const gotSomewhere = version !== listed
          version = undefined
          if (gotSomewhere) continue
        } else if (version !== undefined && error instanceof StatusError && error.code < 500) {
          version = undefined
        }
        log.debug('list or watch failed', { resource: resource.resource, error })
        await sleep(clock, delay.next(), signal)
      }
    }
  }

  void run().catch((error: unknown) => log.error('reflector failed', { resource: resource.resource, error }))
  return { [Symbol.dispose]: () => stop.abort() }
}
