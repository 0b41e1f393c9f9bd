import type { AdmissionAttributes } from '../../api/request.ts'
import type { LevelVersion, Policy } from './policy.ts'

/** Is told what Pod Security decides, for metrics (upstream: pod-security-admission/metrics). */
export interface PodSecurityObserver {
  /** A pod was held to a level; of `audit` and `warn` only what does not come up to it is told. */
  evaluated(
    attributes: AdmissionAttributes,
    outcome: { mode: keyof Policy; level: LevelVersion; isAllowed: boolean },
  ): void
  exempted(attributes: AdmissionAttributes): void
  /** `isFatal`: nothing could be judged; else it was judged by the strictest level. */
  failed(attributes: AdmissionAttributes, isFatal: boolean): void
}
