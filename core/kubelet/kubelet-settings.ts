import { defaultThresholds } from './eviction/thresholds.ts'
import type { Threshold } from './eviction/thresholds.ts'

/** When images that nobody uses are removed. */
export interface ImageCollection {
  /**
   * In percent of the disk that is used: from `high` on, until `low` is reached. Absent: by the bytes that are left, see
   * image-collector.ts.
   */
  thresholds?: { high: number; low: number }
  /** How long an image stays that was just pulled or used. */
  minimumAgeMs: number
}

/** What can be told of a kubelet from outside (upstream: KubeletConfiguration). */
export interface KubeletSettings {
  /** Hard and soft, the most urgent first. */
  evictionThresholds: readonly Threshold[]
  /** A pressure is only over when it was not seen for this long. */
  evictionTransitionMs: number
  /** The longest grace period of a pod that a soft threshold evicts. */
  evictionMaxPodGraceSeconds: number
  imageCollection: ImageCollection
  /** Names of kernel parameters beyond the safe ones that pods may set; a `*` at the end stands for anything. */
  allowedUnsafeSysctls: string[]
  /** How many processes and threads a pod's container may have; absent for no limit (upstream: podPidsLimit). */
  podPidsLimit?: number
}

/** Upstream's defaults, but for what a desktop's disk needs otherwise. */
export const defaultKubeletSettings: KubeletSettings = {
  evictionThresholds: defaultThresholds,
  evictionTransitionMs: 5 * 60_000,
  evictionMaxPodGraceSeconds: 0,
  imageCollection: { minimumAgeMs: 2 * 60_000 },
  allowedUnsafeSysctls: [],
}
