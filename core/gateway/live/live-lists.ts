import type { LiveTarget } from '../../api/live.ts'
import { notFound } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Upstream } from '../upstream.ts'
import { createHttpTables } from './http-tables.ts'
import { LiveList, type LiveReader } from './live-list.ts'
import type { TableSource } from './table-source.ts'

/** How long a list is followed after its last reader has gone, so that going back to it costs nothing. */
const lingerMs = 30_000

/** All lists now followed, one per cluster, resource, namespace and selectors. */
export interface LiveLists {
  /** Reads a list until disposed. Throws 404 for an unknown cluster. */
  open(target: LiveTarget, reader: LiveReader): { list: LiveList } & Disposable
  /** How many lists are followed. */
  readonly count: number
  close(): void
}

/** Creates the registry of shared lists. */
export function createLiveLists(options: {
  upstreams: ReadonlyMap<string, Upstream>
  clock: Clock
  log: Logger
}): LiveLists {
  const { upstreams, clock, log } = options
  const lists = new Map<string, { list: LiveList; linger: Disposable | undefined }>()

  function acquire(target: LiveTarget): { key: string; list: LiveList } {
    const upstream = upstreams.get(target.cluster)
    if (!upstream) throw notFound({ group: '', resource: 'clusters' }, target.cluster)
    const key = keyOf(target)
    const found = lists.get(key)
    found?.linger?.[Symbol.dispose]()
    const entry = found ?? {
      list: new LiveList({ source: sourceOf(upstream, target), target, clock, log }),
      linger: undefined,
    }
    entry.linger = undefined
    lists.set(key, entry)
    return { key, list: entry.list }
  }

  function release(key: string, reader: LiveReader): void {
    const entry = lists.get(key)
    if (!entry || entry.list.remove(reader)) return
    entry.linger?.[Symbol.dispose]()
    entry.linger = clock.after(lingerMs, () => {
      lists.delete(key)
      entry.list[Symbol.dispose]()
    })
  }

  return {
    open(target, reader) {
      const { key, list } = acquire(target)
      list.add(reader)
      return { list, [Symbol.dispose]: () => release(key, reader) }
    },
    get count() {
      return lists.size
    },
    close() {
      for (const { list, linger } of lists.values()) {
        linger?.[Symbol.dispose]()
        list[Symbol.dispose]()
      }
      lists.clear()
    },
  }
}

/** Within the process where the cluster's server is there and serves the list itself, over HTTPS else. */
function sourceOf(upstream: Upstream, target: LiveTarget): () => TableSource {
  const http = createHttpTables(upstream)
  return () => upstream.cluster.tables?.(target) ?? http
}

function keyOf(target: LiveTarget): string {
  const { cluster, group, version, resource, namespace = '', labelSelector = '', fieldSelector = '' } = target
  return JSON.stringify([cluster, group, version, resource, namespace, labelSelector, fieldSelector])
}
