/** How many pods wait, by where. */
export type PendingPods = Record<'active' | 'backoff' | 'unschedulable', number>

/** Told what the scheduler does, for metrics. Times are in milliseconds. */
export interface SchedulerObserver {
  /** A scheduler begins; it can be asked who waits. */
  began(pending: () => PendingPods): void
  /** A node was looked for, and the pod bound to it where one was found. */
  attempted(profile: string, result: 'scheduled' | 'unschedulable' | 'error', ms: number): void
  /** Which node is best was found out, or that there is none. */
  decided(ms: number): void
  /** A pod has its node, after so many attempts and so long in the queue. */
  placed(attempts: number, ms: number): void
  /** So many pods are to make way for another. */
  preempted(victims: number): void
}
