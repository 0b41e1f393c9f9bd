import type { Logger } from '../logger.ts'
import type { MetricRegistry } from '../metrics/metric-registry.ts'

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz'

/** One named condition of health. */
export interface HealthCheck {
  name: string
  /** Endpoints that ask it; `healthz` and `livez` are about being alive, `readyz` about serving well. */
  endpoints: HealthEndpoint[]
  /** Throws, or rejects, when the condition does not hold. The reason is shown only where the check itself is asked for. */
  check(): void | Promise<void>
}

/** What is asked: `/readyz/etcd?verbose`. */
export interface HealthQuestion {
  /** The path's parts. */
  parts: string[]
  query: URLSearchParams
}

/** 200 or 500 and a text; undefined: there is no such check. */
export type HealthReporter = (
  question: HealthQuestion,
) => Promise<{ code: 200 | 500; body: string } | undefined>

const everywhere: HealthEndpoint[] = ['healthz', 'livez', 'readyz']
const ping: HealthCheck = { name: 'ping', endpoints: everywhere, check: () => undefined }
/** Where nothing can be logged any more, nobody would learn what else is wrong. */
const logging: HealthCheck = {
  name: 'log',
  endpoints: everywhere,
  check() {
    if (!process.stderr.writable) throw new Error('the log is closed')
  },
}

/**
 * Answers health endpoints, with `?verbose`, `?exclude=` and one path per check, `ping` and `log` first (upstream: pkg/server/healthz).
 * `ok`, or the list of checks where one failed. What a list of them finds is counted in `slis` (upstream:
 * component-base/metrics/prometheus/slis).
 */
export function createHealthReporter(options: {
  checks: HealthCheck[]
  slis: MetricRegistry
  log: Logger
}): HealthReporter {
  const { slis, log } = options
  const checks = [ping, logging, ...options.checks]
  const outcome = slis.gauge(
    'kubernetes_healthcheck',
    '[STABLE] Whether a health check passed when it was last made: 1, or else 0.',
  )
  const outcomes = slis.counter('kubernetes_healthchecks_total', '[STABLE] Health checks made, by outcome.')

  /** What is wrong; undefined: nothing. */
  async function examine({ name, check }: HealthCheck, endpoint: HealthEndpoint): Promise<Error | undefined> {
    try {
      await check()
      return undefined
    } catch (error) {
      log.warn('health check failed', { endpoint, check: name, error })
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  function count({ name }: HealthCheck, endpoint: HealthEndpoint, problem: Error | undefined): void {
    outcome.set({ name, type: endpoint }, problem ? 0 : 1)
    outcomes.add({ name, status: problem ? 'error' : 'success', type: endpoint })
  }

  return async ({ parts, query }) => {
    const [endpoint, ...rest] = parts as [HealthEndpoint, ...string[]]
    const asked = checks.filter(({ endpoints }) => endpoints.includes(endpoint))
    if (rest.length > 0) {
      const one = asked.find(({ name }) => name === rest.join('/'))
      if (!one) return undefined
      const problem = await examine(one, endpoint)
      return problem
        ? { code: 500, body: `internal server error: ${problem.message}\n` }
        : { code: 200, body: 'ok' }
    }
    const excluded = new Set(query.getAll('exclude'))
    const lines: string[] = []
    let failed = false
    for (const check of asked) {
      const { name } = check
      if (excluded.delete(name)) {
        lines.push(`[+]${name} excluded: ok`)
        continue
      }
      const problem = await examine(check, endpoint)
      count(check, endpoint, problem)
      failed ||= problem !== undefined
      lines.push(problem ? `[-]${name} failed: reason withheld` : `[+]${name} ok`)
    }
    if (excluded.size > 0) {
      const names = [...excluded].sort().map((name) => JSON.stringify(name))
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(', ')}`)
    }
    const verdict = `${endpoint} check ${failed ? 'failed' : 'passed'}`
    const isBrief = !failed && !query.has('verbose')
    return { code: failed ? 500 : 200, body: isBrief ? 'ok' : `${[...lines, verdict].join('\n')}\n` }
  }
}
