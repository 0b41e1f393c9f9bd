import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

/** What acting as others costs (upstream: endpoints/filters/impersonation/metrics). Verbs stand for modes. */
export interface ImpersonationMetrics {
  /** Somebody asked to act as somebody else; `verb` is '' when that was refused. */
  attempted(verb: string, allowed: boolean, seconds: number): void
  /** The authorizer was asked about a part of that. */
  authorized(verb: string, allowed: boolean, seconds: number): void
}

const buckets = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power)

/** Creates them. */
export function createImpersonationMetrics(registry: MetricRegistry): ImpersonationMetrics {
  const pair = (name: string, what: string, verb: string): ImpersonationMetrics['attempted'] => {
    const total = registry.counter(
      `apiserver_impersonation_${name}_total`,
      `[ALPHA] Total number of ${what} split by mode and decision.`,
    )
    const durations = registry.histogram(
      `apiserver_impersonation_${name}_duration_seconds`,
      `[ALPHA] Latency of ${verb} in seconds split by mode and decision.`,
      buckets,
    )
    return (mode, allowed, seconds) => {
      const labels = { mode: modeOf(mode), decision: allowed ? 'allowed' : 'denied' }
      total.add(labels)
      durations.observe(labels, seconds)
    }
  }
  const checks = 'authorization checks made by the impersonation handler'
  return {
    attempted: pair('attempts', 'impersonation attempts', 'impersonation attempts'),
    authorized: pair('authorization_attempts', checks, checks),
  }
}

const modes = ['associated-node', 'arbitrary-node', 'serviceaccount', 'user-info']

function modeOf(verb: string): string {
  if (verb === '') return ''
  if (verb === 'impersonate') return 'legacy'
  const isOf = (mode: string): boolean =>
    verb === `impersonate:${mode}` || verb.startsWith(`impersonate-on:${mode}:`)
  return modes.find(isOf) ?? 'unknown'
}
