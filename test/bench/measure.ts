import { performance } from 'node:perf_hooks'

/** Rate and latencies of one kind of operation. */
export interface Figures {
  operations: number
  perSecond: number
  p50Ms: number
  p99Ms: number
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

/** The value below which `share` of the sorted numbers lie. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}

/**
 * Lets every worker run `operation` on its share of 0 … count-1, all at once, and measures. After `withinMs` milliseconds
 * none is begun any more: the figures say how many there were.
 */
export async function measure<T>(
  workers: T[],
  count: number,
  operation: (worker: T, index: number) => Promise<unknown>,
  withinMs = Infinity,
): Promise<Figures> {
  const latencies: number[] = []
  let next = 0
  const startedAt = performance.now()
  await Promise.all(
    workers.map(async (worker) => {
      for (let index = next++; index < count; index = next++) {
        const before = performance.now()
        if (before - startedAt > withinMs) return
        await operation(worker, index)
        latencies.push(performance.now() - before)
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  return {
    operations: latencies.length,
    perSecond: Math.round(latencies.length / seconds),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
}
