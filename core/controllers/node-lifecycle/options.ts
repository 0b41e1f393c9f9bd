import type { ControllerDependencies } from '../kit/controller.ts'

/**
 * The mark of a Node that was stopped on purpose (`node stop`): it counts as unreachable at once, and what is deleted on
 * it is removed without waiting for its kubelet, as upstream does with the out-of-service taint.
 */
export const stoppedAnnotation = 'wheelhouse.dev/stopped'

/** Times of the node controllers. */
export interface NodeLifecycleOptions extends ControllerDependencies {
  /** No sign of life for this long makes a node's conditions Unknown; default 40 s (upstream: node-monitor-grace-period). */
  monitorGraceMs?: number
  /** The same for a node that never reported; default 60 s (upstream: node-startup-grace-period). */
  startupGraceMs?: number
  /**
   * On nodes stopped on purpose pods leave after at most this many seconds, however long they tolerate; default: as long
   * as they tolerate (300 s unless they say otherwise).
   */
  stoppedTolerationSeconds?: number
}
