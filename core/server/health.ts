import { pathNotFound } from '../api/status.ts'
import type { Logger } from '../util/logger.ts'
import type { Exchange } from './exchange.ts'
import type { Handler } from './filters/filter.ts'
import type { MetricRegistry } from './metrics/metric-registry.ts'
import { respond } from './responses/respond.ts'

type Endpoint = 'healthz' | 'livez' | 'readyz'

/** One named condition of health. */
export interface HealthCheck {
  name: string
  /** Endpoints that ask it; `healthz` and `livez` are about being alive, `readyz` about serving well. */
  endpoints: Endpoint[]
  /** Throws, or rejects, when the condition does not hold. The reason is shown only where the check itself is asked for. */
  check(): void | Promise<void>
}

const ping: HealthCheck = { name: 'ping', endpoints: ['healthz', 'livez', 'readyz'], check: () => undefined }

/**
 * Serves `/healthz`, `/livez` and `/readyz`, with `?verbose`, `?exclude=` and one path per check (upstream:
 * pkg/server/healthz). 200 `ok`, or 500 with the list of checks. Each check's outcome is counted in `slis` (upstream:
 * component-base/metrics/prometheus/slis).
 */
export function createHealthHandler(options: {
  checks: HealthCheck[]
  slis: MetricRegistry
  log: Logger
}): Handler {
  const { slis, log } = options
  const checks = [ping, ...options.checks]
  const outcome = slis.gauge(
    'kubernetes_healthcheck',
    '[STABLE] This metric records the result of a single healthcheck.',
  )
  const outcomes = slis.counter(
    'kubernetes_healthchecks_total',
    '[STABLE] This metric records the results of all healthcheck.',
  )

  /** What is wrong; undefined: nothing. */
  async function examine({ name, check }: HealthCheck, endpoint: Endpoint): Promise<Error | undefined> {
    let problem: Error | undefined
    try {
      await check()
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error))
      log.warn('health check failed', { endpoint, check: name, error })
    }
    outcome.set({ name, type: endpoint }, problem ? 0 : 1)
    outcomes.add({ name, status: problem ? 'error' : 'success', type: endpoint })
    return problem
  }

  async function answerOne(exchange: Exchange, check: HealthCheck, endpoint: Endpoint): Promise<void> {
    const problem = await examine(check, endpoint)
    if (problem) return respondText(exchange, 500, `internal server error: ${problem.message}\n`)
    return respondText(exchange, 200, 'ok')
  }

  return async (exchange) => {
    const [endpoint, ...rest] = exchange.info.path.slice(1).split('/') as [Endpoint, ...string[]]
    const asked = checks.filter(({ endpoints }) => endpoints.includes(endpoint))
    if (rest.length > 0) {
      const one = asked.find(({ name }) => name === rest.join('/'))
      if (!one) throw pathNotFound()
      return answerOne(exchange, one, endpoint)
    }
    const excluded = new Set(exchange.query.getAll('exclude'))
    const lines: string[] = []
    let failed = false
    for (const check of asked) {
      const { name } = check
      if (excluded.delete(name)) {
        lines.push(`[+]${name} excluded: ok`)
        continue
      }
      const problem = await examine(check, endpoint)
      failed ||= problem !== undefined
      lines.push(problem ? `[-]${name} failed: reason withheld` : `[+]${name} ok`)
    }
    if (excluded.size > 0) {
      const names = [...excluded].sort().map((name) => JSON.stringify(name))
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(', ')}`)
    }
    const verdict = `${endpoint} check ${failed ? 'failed' : 'passed'}`
    const isBrief = !failed && !exchange.query.has('verbose')
    return respondText(exchange, failed ? 500 : 200, isBrief ? 'ok' : `${[...lines, verdict].join('\n')}\n`)
  }
}

function respondText(exchange: Exchange, code: number, body: string): Promise<void> {
  const headers = { 'x-content-type-options': 'nosniff' }
  return respond(exchange, { code, contentType: 'text/plain; charset=utf-8', body, headers })
}
