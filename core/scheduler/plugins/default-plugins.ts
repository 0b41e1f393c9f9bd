import type { FilterPlugin, ScorePlugin } from '../plugin.ts'
import { nodeAffinityFilter, nodeAffinityScore } from './node-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeResourcesFitFilter, nodeResourcesFitScore } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { taintTolerationFilter, taintTolerationScore } from './taint-toleration.ts'

/** In the order they run: the first to say no is the one that is reported (upstream: default_plugins.go). */
export const defaultFilters: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintTolerationFilter,
  nodeAffinityFilter,
  nodePorts,
  nodeResourcesFitFilter,
]

/** With upstream's default weights. */
export const defaultScores: readonly ScorePlugin[] = [
  taintTolerationScore,
  nodeAffinityScore,
  nodeResourcesFitScore,
  nodeResourcesBalancedAllocation,
]
