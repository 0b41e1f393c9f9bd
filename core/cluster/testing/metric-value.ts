import { expect } from 'vitest'
import type { ServedControlPlane } from './serve-control-plane.ts'

/** The value of the one series of a metric that has all these labels; 0 where there is none. */
export async function metricValue(
  { plane }: ServedControlPlane,
  metric: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const text = await plane.server.metrics.print()
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  const lines = text
    .split('\n')
    .filter(
      (line) =>
        /^[ {]/.test(line.slice(metric.length)) &&
        line.startsWith(metric) &&
        wanted.every((label) => line.includes(label)),
    )
  expect(lines.length, `series of ${metric}`).toBeLessThan(2)
  return Number(lines[0]?.split(' ').at(-1) ?? 0)
}
