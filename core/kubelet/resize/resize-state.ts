import { findCondition } from '../../api/conditions.ts'
import type { Pod } from '../../api/generated/core-v1.ts'

/** How far the resize of a pod is; shown as conditions of the pod. */
export interface ResizeState {
  /** Set while the node has not accepted it. */
  pending?: { reason: 'Deferred' | 'Infeasible'; message: string }
  /** Set from its acceptance until the containers have it; with the error of the last attempt. */
  inProgress?: { error?: string }
}

/** The types of the conditions that show it, which go when they no longer hold. */
export const resizeConditions = ['PodResizePending', 'PodResizeInProgress'] as const

/** A resize that an earlier life of the kubelet began is carried on with. */
export function reportedResize(pod: Pod): ResizeState {
  return findCondition(pod.status?.conditions, 'PodResizeInProgress') ? { inProgress: {} } : {}
}

/**
 * The text of a resize event: what happened, and as JSON the resources it is about (upstream: kubelet/events/resize.go).
 */
export function resizeMessage(what: string, pod: Pod, error?: string): string {
  const of = (containers: Pod['spec']['containers'] = []): object[] =>
    containers.map(({ name, resources = {} }) => ({ name, resources }))
  const { initContainers, containers, resources } = pod.spec
  const details = {
    ...(resources ? { resources } : {}),
    ...(initContainers?.length ? { initContainers: of(initContainers) } : {}),
    containers: of(containers),
    generation: pod.metadata.generation ?? 0,
    ...(error === undefined ? {} : { error }),
  }
  return `${what}: ${JSON.stringify(details)}`
}
