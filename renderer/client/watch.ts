import { parseExactJson } from '../../core/api/exact-json.ts'
import type { GroupVersionResource } from '../../core/api/gvk.ts'
import { withItemTypes } from '../../core/api/item-types.ts'
import type { KubeList, KubeObject } from '../../core/api/meta.ts'
import { StatusError, type Status } from '../../core/api/status.ts'
import { isAbort, sendJson } from './http.ts'
import { kubePath } from './kube-path.ts'
import { readLines } from './line-stream.ts'
import { streamBody } from './stream.ts'

export interface WatchTarget {
  cluster: string
  resource: GroupVersionResource
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
}

export interface WatchHandlers<T> {
  /** The whole set, after every (re)list. */
  reset(items: T[]): void
  /** One change since. */
  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void
  /** A failure; the watch goes on by itself unless `final`. */
  failed(error: unknown, final: boolean): void
}

type WatchEvent = { type: string; object: KubeObject & Partial<Status> }

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** List errors that asking again cannot mend. */
function isFinal(error: unknown): boolean {
  return error instanceof StatusError && [400, 401, 403, 404, 405, 406].includes(error.code)
}

async function follow<T extends KubeObject>(
  target: WatchTarget,
  resourceVersion: string,
  options: { handlers: WatchHandlers<T>; signal: AbortSignal },
): Promise<void> {
  const { cluster, resource, ...query } = target
  let version = resourceVersion
  while (!options.signal.aborted) {
    const path = kubePath(cluster, resource, {
      namespace: query.namespace,
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: version,
        labelSelector: query.labelSelector,
        fieldSelector: query.fieldSelector,
      },
    })
    for await (const lines of readLines(streamBody(path, options.signal))) {
      for (const line of lines) {
        if (!line) continue
        const event = parseExactJson(line) as WatchEvent
        if (event.type === 'ERROR') return
        version = event.object.metadata.resourceVersion ?? version
        if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED')
          options.handlers.change(event.type, event.object as unknown as T)
      }
    }
  }
}

/**
 * Lists and then watches full objects until `signal` aborts; for the few objects a detail view needs, never for whole
 * lists. Lists anew after an error or an expired version, waiting 0.5 s to 10 s between attempts.
 */
export async function watchObjects<T extends KubeObject>(
  target: WatchTarget,
  handlers: WatchHandlers<T>,
  signal: AbortSignal,
): Promise<void> {
  let delayMs = 500
  while (!signal.aborted) {
    try {
      const { cluster, resource, namespace, labelSelector, fieldSelector } = target
      const path = kubePath(cluster, resource, { namespace, query: { labelSelector, fieldSelector } })
      const list = await sendJson<KubeList<T>>(path, { signal })
      handlers.reset(withItemTypes(list).items)
      delayMs = 500
      await follow(target, list.metadata.resourceVersion ?? '', { handlers, signal })
    } catch (error) {
      if (signal.aborted || isAbort(error)) return
      const final = isFinal(error)
      handlers.failed(error, final)
      if (final) return
      await pause(delayMs, signal)
      delayMs = Math.min(delayMs * 2, 10_000)
    }
  }
}
