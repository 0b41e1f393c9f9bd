import type { FilterPlugin, ScorePlugin } from '../plugin.ts'
import { dynamicResources } from './dynamic-resources.ts'
import { dynamicResourcesScore } from './dynamic-resources-score.ts'
import { imageLocality } from './image-locality.ts'
import { interPodAffinityScore } from './inter-pod-affinity-score.ts'
import { interPodAffinityFilter } from './inter-pod-affinity.ts'
import { nodeAffinityFilter, nodeAffinityScore } from './node-affinity.ts'
import { nodeDeclaredFeatures } from './node-declared-features.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeResourcesFitFilter, nodeResourcesFitScore } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { podTopologySpreadScore } from './pod-topology-spread-score.ts'
import { podTopologySpreadFilter } from './pod-topology-spread.ts'
import { nodeVolumeLimits } from './node-volume-limits.ts'
import { volumeBinding } from './volume-binding.ts'
import { volumeRestrictions } from './volume-restrictions.ts'
import { volumeZone } from './volume-zone.ts'
import { taintTolerationFilter, taintTolerationScore } from './taint-toleration.ts'

/** In the order they run: the first to say no is the one that is reported (upstream: default_plugins.go). */
export const defaultFilters: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintTolerationFilter,
  nodeAffinityFilter,
  nodePorts,
  nodeResourcesFitFilter,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  podTopologySpreadFilter,
  interPodAffinityFilter,
  dynamicResources,
  nodeDeclaredFeatures,
]

/** With upstream's default weights. */
export const defaultScores: readonly ScorePlugin[] = [
  taintTolerationScore,
  nodeAffinityScore,
  nodeResourcesFitScore,
  podTopologySpreadScore,
  interPodAffinityScore,
  dynamicResourcesScore,
  nodeResourcesBalancedAllocation,
  imageLocality,
]
