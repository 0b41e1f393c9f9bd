import type { GroupVersionResource } from '../../api/gvk.ts'
import type { BoundValue, MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { LocalCall } from '../local-request.ts'

type Verb = 'APPLY' | 'DELETE' | 'DELETECOLLECTION' | 'GET' | 'LIST' | 'PATCH' | 'POST' | 'PUT' | 'WATCH'

const verbs: Record<LocalCall['verb'], Verb> = {
  get: 'GET',
  list: 'LIST',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
}

/** Counts the requests of parts of the server's own process (upstream: endpoints/metrics, apiserver_selfrequest_total). */
export interface SelfRequests {
  called(call: Pick<LocalCall, 'verb' | 'resource' | 'subresource' | 'patchType'>): void
  watched(resource: GroupVersionResource): void
}

/** Clients name resources by the same few objects: their series are found by them. */
export function createSelfRequests(registry: MetricRegistry): SelfRequests {
  const requests = registry.counter(
    'apiserver_selfrequest_total',
    '[ALPHA] Requests that parts of the server sent to it themselves.',
  )
  const known = new Map<string, BoundValue>()
  const byResource = new WeakMap<GroupVersionResource, Map<string, BoundValue>>()

  function find(resource: GroupVersionResource, subresource: string, verb: Verb): BoundValue {
    let series = byResource.get(resource)
    if (!series) byResource.set(resource, (series = new Map<string, BoundValue>()))
    const key = subresource === '' ? verb : `${verb} ${subresource}`
    const found = series.get(key)
    if (found) return found
    const { group, resource: plural } = resource
    const name = `${group}/${plural} ${key}`
    let count = known.get(name)
    if (!count) known.set(name, (count = requests.bind({ group, resource: plural, subresource, verb })))
    series.set(key, count)
    return count
  }

  return {
    called({ verb, resource, subresource = '', patchType }) {
      find(resource, subresource, patchType === 'apply' ? 'APPLY' : verbs[verb]).value++
    },
    watched: (resource) => void find(resource, '', 'WATCH').value++,
  }
}
