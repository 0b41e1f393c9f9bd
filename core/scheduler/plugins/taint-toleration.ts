import type { Taint } from '../../api/generated/core-v1.ts'
import { tolerates } from '../../api/taints.ts'
import { normalizeToMax, type FilterPlugin, type ScorePlugin } from '../plugin.ts'

const name = 'TaintToleration'

/** Nodes whose NoSchedule or NoExecute taints the pod does not tolerate are out (upstream: plugins/tainttoleration). */
export const taintTolerationFilter: FilterPlugin = {
  name,
  prepare({ pod }) {
    const tolerations = pod.spec.tolerations ?? []
    const isUntolerated = (taint: Taint): boolean =>
      taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint))
    return {
      check({ node }) {
        const taint = node?.spec?.taints?.find(isUntolerated)
        if (!taint) return undefined
        return {
          reasons: ['node(s) had untolerated taint(s)'],
          details: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`],
          isResolvable: false,
        }
      },
    }
  },
}

/** Fewer PreferNoSchedule taints that the pod does not tolerate are better. */
export const taintTolerationScore: ScorePlugin = {
  name,
  weight: 3,
  prepare({ pod }) {
    const tolerations = pod.spec.tolerations ?? []
    const counts = (taint: Taint): boolean =>
      taint.effect === 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint))
    return ({ node }) => node?.spec?.taints?.filter(counts).length ?? 0
  },
  normalize: (scores) => normalizeToMax(scores, true),
}
