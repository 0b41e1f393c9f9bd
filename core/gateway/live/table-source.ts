import type { LiveTarget } from '../../api/live.ts'
import type { TableAnswer } from './table.ts'

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

/** The selectors of a target as query parameters. */
export function selectorsOf({ labelSelector, fieldSelector }: LiveTarget): Record<string, string> {
  return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) }
}
