import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { apiVersionOf, groupResource, parseApiVersion } from '../../core/api/gvk.ts'
import type { Status } from '../../core/api/status.ts'
import { discover } from '../client/discovery.ts'
import { toStatus } from '../client/http.ts'
import { genericView } from '../kinds/generic.ts'
import { kindViews } from '../kinds/index.ts'
import type { KindView, ServedResource } from '../kit/kind-view.ts'

interface ClusterKinds {
  state: 'loading' | 'ready' | 'error'
  error: Status | undefined
  views: KindView[]
  served: Map<string, ServedResource>
}

/** Lists are followed; what can only be read now and then, such as usage, has its places elsewhere. */
function isListed({ verbs }: ServedResource): boolean {
  return verbs.includes('list') && verbs.includes('watch')
}

/** The kinds of each cluster: what discovery serves, each with its own view or the generic one. */
export const useKindsStore = defineStore('kinds', () => {
  const clusters = shallowReactive(new Map<string, ClusterKinds>())
  const running = new Map<string, Promise<void>>()
  const queued = new Map<string, Promise<void>>()

  /** Asks discovery; the last answer stays in use when asking again fails. */
  async function ask(cluster: string): Promise<void> {
    try {
      const served = (await discover(cluster)).filter(isListed)
      const own = new Map(kindViews.map((view) => [view.id, view]))
      // Events live in two groups with the same objects; one list of them is enough.
      const shown = served.filter(
        ({ group, resource }) => !(group === 'events.k8s.io' && resource === 'events'),
      )
      const known = clusters.get(cluster)
      // Views that stay the same objects keep what shows them from being made anew.
      if (known && !known.error && JSON.stringify([...known.served.values()]) === JSON.stringify(shown))
        return
      clusters.set(cluster, {
        state: 'ready',
        error: undefined,
        served: new Map(shown.map((resource) => [groupResource(resource), resource])),
        views: shown.map((resource) => own.get(groupResource(resource)) ?? genericView(resource)),
      })
    } catch (cause) {
      const known = clusters.get(cluster)
      clusters.set(cluster, {
        state: known?.views.length ? 'ready' : 'error',
        error: toStatus(cause),
        served: known?.served ?? new Map(),
        views: known?.views ?? [],
      })
    }
  }

  /** Asks anew; an answer that is already on its way may be older than what the caller has seen, so it is not enough. */
  function load(cluster: string): Promise<void> {
    const current = running.get(cluster)
    if (current) {
      const next = queued.get(cluster) ?? current.then(() => (queued.delete(cluster), load(cluster)))
      queued.set(cluster, next)
      return next
    }
    const asked = ask(cluster).finally(() => running.delete(cluster))
    running.set(cluster, asked)
    return asked
  }

  function of(cluster: string): ClusterKinds {
    return clusters.get(cluster) ?? { state: 'loading', error: undefined, views: [], served: new Map() }
  }

  function byId(cluster: string, id: string): KindView | undefined {
    return of(cluster).views.find((view) => view.id === id)
  }

  /** The view of a kind as references name it; without an apiVersion any group's. */
  function byKind(cluster: string, kind: string, apiVersion?: string): KindView | undefined {
    const group = apiVersion === undefined ? undefined : parseApiVersion(apiVersion).group
    return of(cluster).views.find(
      ({ resource }) => resource.kind === kind && (group === undefined || resource.group === group),
    )
  }

  /** Whether an apiVersion and kind are served, in whatever version. */
  function resourceOf(cluster: string, apiVersion: string, kind: string): ServedResource | undefined {
    for (const resource of of(cluster).served.values()) {
      if (
        resource.kind === kind &&
        (apiVersionOf(resource) === apiVersion || resource.group === parseApiVersion(apiVersion).group)
      )
        return { ...resource, ...parseApiVersion(apiVersion) }
    }
    return undefined
  }
  return { load, of, byId, byKind, resourceOf }
})
