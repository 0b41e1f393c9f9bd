import { pageNotFound } from '../api/status.ts'
import type { Logger } from '../util/logger.ts'
import type { Handler } from './filters/filter.ts'
import { respond } from './responses/respond.ts'

/** One named condition of health. */
export interface HealthCheck {
  name: string
  /** Endpoints that ask it; `healthz` and `livez` are about being alive, `readyz` about serving well. */
  endpoints: Array<'healthz' | 'livez' | 'readyz'>
  /** Throws, or rejects, when the condition does not hold. The reason is logged, not shown. */
  check(): void | Promise<void>
}

const ping: HealthCheck = { name: 'ping', endpoints: ['healthz', 'livez', 'readyz'], check: () => undefined }

/**
 * Serves `/healthz`, `/livez` and `/readyz`, with `?verbose`, `?exclude=` and one path per check (upstream:
 * pkg/server/healthz). 200 `ok`, or 500 with the list of checks.
 */
export function createHealthHandler(options: { checks: HealthCheck[]; log: Logger }): Handler {
  const checks = [ping, ...options.checks]
  return async (exchange) => {
    const [endpoint, name] = exchange.info.path.slice(1).split('/') as [
      HealthCheck['endpoints'][number],
      string?,
    ]
    const excluded = new Set(exchange.query.getAll('exclude'))
    const asked = checks.filter(
      (check) =>
        check.endpoints.includes(endpoint) &&
        !excluded.has(check.name) &&
        (name === undefined || check.name === name),
    )
    if (name !== undefined && asked.length === 0) throw pageNotFound()
    let failed = false
    const lines: string[] = []
    for (const check of asked) {
      try {
        await check.check()
        lines.push(`[+]${check.name} ok`)
      } catch (error) {
        failed = true
        options.log.warn('health check failed', { endpoint, check: check.name, error })
        lines.push(`[-]${check.name} failed: reason withheld`)
      }
    }
    const verbose = exchange.query.has('verbose')
    const verdict = `${endpoint} check ${failed ? 'failed' : 'passed'}`
    const body = !failed && !verbose ? 'ok' : `${[...lines, verdict].join('\n')}\n`
    await respond(exchange, {
      code: failed ? 500 : 200,
      contentType: 'text/plain; charset=utf-8',
      body,
      headers: { 'x-content-type-options': 'nosniff' },
    })
  }
}
