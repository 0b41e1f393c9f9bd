/** What the scheduler thought of one node for one pod. */
export interface NodeVerdict {
  node: string
  /** The plugin that said no, and why. */
  rejectedBy?: string
  reasons?: string[]
  /** Normalised score by plugin, 0 to 100; weights are not applied. */
  scores?: Record<string, number>
  /** The weighted sum that was compared. */
  total?: number
}

/** The latest attempt to place a pod. */
export interface Explanation {
  podKey: string
  /** Milliseconds since the epoch. */
  at: number
  /** The node chosen; undefined when none could take it. */
  chosen: string | undefined
  /** What the pod's event says when none could. */
  message: string | undefined
  /** The node where room is made for the pod, and the pods (`namespace/name`) that go for it. */
  preemption?: { node: string; victims: string[] }
  /** Every node that was looked at: best first, then the rejected. */
  verdicts: NodeVerdict[]
}
