import { computed, type ComputedRef } from 'vue'
import type { Event } from '../../core/api/generated/core-v1.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import { resources } from '../../core/api/resources.ts'
import { useObjects, type WatchedObjects } from './use-objects.ts'

/** When an event was last seen. */
export function eventTime(event: Event): string {
  return (
    event.series?.lastObservedTime ||
    event.lastTimestamp ||
    event.eventTime ||
    event.firstTimestamp ||
    event.metadata.creationTimestamp ||
    ''
  )
}

export interface WatchedEvents extends Omit<WatchedObjects<Event>, 'objects'> {
  /** Newest first. */
  events: ComputedRef<Event[]>
}

/** The events of one object, live. Undefined object: none. */
export function useEvents(cluster: () => string, object: () => KubeObject | undefined): WatchedEvents {
  const { objects, ...rest } = useObjects<Event>(() => {
    const current = object()
    if (!current) return undefined
    const { name, namespace, uid } = current.metadata
    // Nodes' events carry the node's name as uid with some kubelets, so a node is matched by kind.
    const identity = current.kind === 'Node' ? 'involvedObject.kind=Node' : `involvedObject.uid=${uid}`
    return {
      cluster: cluster(),
      resource: resources.events,
      namespace,
      fieldSelector: `involvedObject.name=${name},${identity}`,
    }
  })
  const events = computed(() => [...objects.value].sort((a, b) => eventTime(b).localeCompare(eventTime(a))))
  return { events, ...rest }
}
