import type { ListCost, ListObserver } from '../../registry/verbs/list-observer.ts'
import type { BoundValue, MetricRegistry } from '../../util/metrics/metric-registry.ts'

type Series = Record<keyof ListCost, BoundValue[]> & { lists: BoundValue[] }

/**
 * What lists cost, by upstream's names (storage/etcd3/metrics, storage/cacher/metrics): what upstream reads from etcd and what it
 * reads from its watch cache is one here, so that both tell the same.
 */
export function createListMetrics(metrics: MetricRegistry): ListObserver {
  const counter = (name: string, what: string) =>
    metrics.counter(`apiserver_${name}_total`, `[ALPHA] ${what}`)
  const stored = {
    lists: counter('storage_list', 'Lists read from the store, by resource.'),
    fetched: counter('storage_list_fetched_objects', 'Objects that lists read from the store.'),
    evaluated: counter('storage_list_evaluated_objects', 'Objects that lists held against a selector.'),
    returned: counter('storage_list_returned_objects', 'Objects that lists from the store gave.'),
  }
  const cached = {
    lists: counter('cache_list', 'Lists read from memory, by resource and index.'),
    fetched: counter('cache_list_fetched_objects', 'Objects that lists read from memory, by index.'),
    returned: counter('cache_list_returned_objects', 'Objects that lists from memory gave.'),
  }
  const known = new Map<string, Series>()

  function find({ group, resource }: { group: string; resource: string }): Series {
    const key = `${group}/${resource}`
    let series = known.get(key)
    if (!series) {
      const labels = { group, resource }
      // No list goes by an index here.
      const indexed = { ...labels, index: '' }
      series = {
        lists: [stored.lists.bind(labels), cached.lists.bind(indexed)],
        fetched: [stored.fetched.bind(labels), cached.fetched.bind(indexed)],
        evaluated: [stored.evaluated.bind(labels)],
        returned: [stored.returned.bind(labels), cached.returned.bind(labels)],
      }
      known.set(key, series)
    }
    return series
  }

  return (resource, cost) => {
    const { lists, fetched, evaluated, returned } = find(resource)
    for (const one of lists) one.value++
    for (const one of fetched) one.value += cost.fetched
    for (const one of evaluated) one.value += cost.evaluated
    for (const one of returned) one.value += cost.returned
  }
}
