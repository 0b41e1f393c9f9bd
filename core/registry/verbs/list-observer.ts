/** What a list took from the store, looked at with its selector, and gave. */
export interface ListCost {
  fetched: number
  evaluated: number
  returned: number
}

/** Is told what lists cost, for metrics (upstream: storage/etcd3/metrics RecordStorageListMetrics). */
export type ListObserver = (resource: { group: string; resource: string }, cost: ListCost) => void
