import type { LiveRow } from '../../core/api/live.ts'
import { sumUsage, type Usage } from './amount.ts'

interface PodRowData {
  phase?: string
  requests?: Usage
  limits?: Usage
}

/**
 * What the pods of some rows ask for together; those that have ended ask for nothing any more. A limit that one of them
 * does not have is no limit of all: 0.
 */
export function amountsOfPods(rows: Iterable<LiveRow>): { requests: Usage; limits: Usage } {
  const running = [...rows]
    .map(({ data }) => (data ?? {}) as PodRowData)
    .filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed')
  const none: Usage = { milliCpu: 0, memory: 0 }
  const limits = running.map((pod) => pod.limits ?? none)
  const sum = sumUsage(limits)
  return {
    requests: sumUsage(running.map((pod) => pod.requests ?? none)),
    limits: {
      milliCpu: limits.every(({ milliCpu }) => milliCpu > 0) ? sum.milliCpu : 0,
      memory: limits.every(({ memory }) => memory > 0) ? sum.memory : 0,
    },
  }
}
