import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Transport } from '../../client/transport.ts'
import type { ControllerDependencies } from '../kit/controller.ts'

/** The times and tolerances of autoscaling (upstream: pkg/controller/podautoscaler/config). */
export interface AutoscalerTuning {
  /** How often each autoscaler is looked at. */
  syncPeriodMs: number
  /** Scaling down goes by the highest recommendation of this long, where the autoscaler names no window of its own. */
  downscaleStabilizationMs: number
  /** How far from 1 the ratio of usage to target may be before anything happens. */
  tolerance: number
  /** After its start a pod's CPU counts only once it was measured since the pod became ready. */
  cpuInitializationPeriodMs: number
  /** A pod that was never ready until this long after its start is unready from its start. */
  initialReadinessDelayMs: number
}

/** kube-controller-manager's own. */
export const defaultTuning: AutoscalerTuning = {
  syncPeriodMs: 15_000,
  downscaleStabilizationMs: 300_000,
  tolerance: 0.1,
  cpuInitializationPeriodMs: 300_000,
  initialReadinessDelayMs: 30_000,
}

export interface AutoscalerOptions extends ControllerDependencies {
  /** Every resource that is served now: where the kind of a scale target is looked up. */
  resources: () => Resource<KubeObject>[]
  /**
   * How metrics are read. Absent: as everything else. Where metrics APIs may be aggregated it has to go by way of HTTP,
   * where aggregation happens.
   */
  metricsTransport?: Transport
  autoscaling?: Partial<AutoscalerTuning>
}
