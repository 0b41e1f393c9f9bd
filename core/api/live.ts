import type { Status } from './status.ts'

/**
 * The `/live` WebSocket between gateway and page: lists as row projections with deltas. One socket carries any number
 * of subscriptions. Text frames, one JSON message each. The gateway sends one `snapshot`, then `delta`s batched at
 * most every 50 ms; after a lost upstream watch it sends a fresh `snapshot`. A long list is told while it is being read: as long as
 * not all of it has been, its messages say `more`; a `delta` without, which may be empty, says that it is whole.
 */
export interface LiveColumn {
  name: string
  type: string
  format?: string
  description?: string
  /** 0 = always shown; 1 = only in wide views (kubectl's `-o wide`). */
  priority: number
}

/** One object in a list. `cells` follow the snapshot's columns; `data` holds the kind's own projection, if it has one. */
export interface LiveRow {
  uid: string
  name: string
  namespace?: string
  createdAt?: string
  deletedAt?: string
  labels?: Record<string, string>
  /** `Kind/name` of the controlling owner. */
  owner?: { kind: string; name: string; apiVersion: string }
  cells: unknown[]
  data?: Record<string, unknown>
}

export interface LiveTarget {
  cluster: string
  group: string
  version: string
  resource: string
  /** Absent means all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

export type LiveRequest =
  { op: 'subscribe'; id: number; target: LiveTarget } | { op: 'unsubscribe'; id: number }

export type LiveMessage =
  | {
      id: number
      type: 'snapshot'
      columns: LiveColumn[]
      rows: LiveRow[]
      resourceVersion: string
      more?: true
    }
  | {
      id: number
      type: 'delta'
      upserts: LiveRow[]
      deletes: string[]
      resourceVersion: string
      more?: true
    }
  | { id: number; type: 'error'; status: Status }
