import type { Pod, Service } from '../../api/generated/core-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import { objectKey } from '../../api/meta.ts'

const annotation = 'endpoints.kubernetes.io/last-change-trigger-time'

interface Seen {
  service: string
  pods: Map<string, string>
}

/** Tells what made the endpoints of a Service change, for whoever measures how long it takes until they are in force. */
export interface TriggerTimes {
  /** When the earliest of the changes since the last call was made; undefined where there is none. Not for calls at once. */
  since(service: Service, pods: readonly Pod[]): string | undefined
  /** For a Service that is gone. */
  forget(key: string): void
}

/**
 * Keeps the times of each Service: its own creation, and when its pods became ready or stopped to be (upstream:
 * endpointslice/trigger_time_tracker.go).
 */
export function createTriggerTimes(): TriggerTimes {
  const seen = new Map<string, Seen>()
  return {
    since(service, pods) {
      const key = objectKey(service)
      const before = seen.get(key)
      const now: Seen = { service: service.metadata.creationTimestamp ?? '', pods: new Map() }
      const changes = now.service > (before?.service ?? '') ? [now.service] : []
      for (const pod of pods) {
        const time = findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime
        if (!time) continue
        now.pods.set(pod.metadata.name, time)
        if (time > (before?.pods.get(pod.metadata.name) ?? '')) changes.push(time)
      }
      seen.set(key, now)
      return before ? changes.sort()[0] : now.service || undefined
    },
    forget: (key) => void seen.delete(key),
  }
}

/** Annotations with the time of the change that is about to be written, in place of that of an earlier one. */
export function withTriggerTime(
  annotations: Record<string, string> | undefined,
  time: string | undefined,
): Record<string, string> {
  const { [annotation]: _earlier, ...others } = annotations ?? {}
  return time === undefined ? others : { ...others, [annotation]: time }
}
