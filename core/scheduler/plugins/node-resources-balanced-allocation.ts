import { maxScore, type ScorePlugin } from '../plugin.ts'

function fraction(used: number, total: number): number {
  return Math.min(used / total, 1)
}

/**
 * Nodes whose CPU and memory would be used to like shares are better; a pod that asks for nothing has no say
 * (upstream: plugins/noderesources/balanced_allocation.go).
 */
export const nodeResourcesBalancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prepare({ requests }) {
    if (requests.milliCpu === 0 && requests.memory === 0) return undefined
    return ({ requested, allocatable }) => {
      // A resource that the node does not have is left out; one alone is always balanced.
      if (allocatable.milliCpu === 0 || allocatable.memory === 0) return maxScore
      const cpu = fraction(requested.milliCpu + requests.milliCpu, allocatable.milliCpu)
      const memory = fraction(requested.memory + requests.memory, allocatable.memory)
      // The standard deviation of two values.
      return Math.floor((1 - Math.abs(cpu - memory) / 2) * maxScore)
    }
  },
}
