import { apiRoot } from '../../api/gvk.ts'
import type { LiveTarget } from '../../api/live.ts'
import { StatusError, type Status } from '../../api/status.ts'
import type { Upstream } from '../upstream.ts'
import { jsonLines } from './json-lines.ts'
import { tableAccept, type TableAnswer } from './table.ts'

/** One event of a followed list: an object as a Table of one row, or, for a bookmark, what stands for it. */
export interface TableEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  object: TableAnswer
}

export interface TableFollowing {
  signal: AbortSignal
  /** The server has taken the watch on. */
  onOpen(): void
  onEvents(events: TableEvent[]): void
}

/** A server's lists as Tables that carry whole objects. What it gives must not be changed. */
export interface TableSource {
  /** One page of a list; `query` has `limit` and `continue`. Rejects with StatusErrors. */
  list(target: LiveTarget, query: Record<string, string>, signal: AbortSignal): Promise<TableAnswer>
  /**
   * Follows a list from a revision until the server ends it, then resolves. Rejects with a StatusError where it is refused or the revision
   * is gone, with another error where the connection broke off.
   */
  watch(target: LiveTarget, query: Record<string, string>, following: TableFollowing): Promise<void>
}

/** The lists of a server that is reached over HTTPS. */
export function createHttpTables(upstream: Upstream): TableSource {
  const headers = { accept: tableAccept }
  return {
    list: (target, query, signal) =>
      upstream.json<TableAnswer>({ path: listPath(target, query), headers, signal }),
    async watch(target, query, { signal, onOpen, onEvents }) {
      const path = listPath(target, { ...query, watch: 'true' })
      const response = await upstream.open({ path, headers, signal })
      onOpen()
      for await (const line of jsonLines(response)) {
        if (signal.aborted) return
        const event = JSON.parse(line) as TableEvent | { type: 'ERROR'; object: Status }
        if (event.type === 'ERROR') throw new StatusError(event.object)
        onEvents([event])
      }
    },
  }
}

function listPath(target: LiveTarget, query: Record<string, string>): string {
  const scope = target.namespace ? `/namespaces/${encodeURIComponent(target.namespace)}` : ''
  const parameters = new URLSearchParams({ ...query, ...selectorsOf(target), includeObject: 'Object' })
  return `${apiRoot(target)}${scope}/${target.resource}?${parameters.toString()}`
}

/** The selectors of a target as query parameters. */
export function selectorsOf({ labelSelector, fieldSelector }: LiveTarget): Record<string, string> {
  return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) }
}
