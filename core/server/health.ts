import { pathNotFound } from '../api/status.ts'
import { createHealthReporter } from '../util/health/health-report.ts'
import type { Handler } from './filters/filter.ts'
import { respond } from './responses/respond.ts'

/** Serves `/healthz`, `/livez` and `/readyz` (see HealthReporter); 404 for a check that is not there. */
export function createHealthHandler(options: Parameters<typeof createHealthReporter>[0]): Handler {
  const report = createHealthReporter(options)
  return async (exchange) => {
    const parts = exchange.info.path.slice(1).split('/')
    const answer = await report({ parts, query: exchange.query })
    if (!answer) throw pathNotFound()
    await respond(exchange, {
      ...answer,
      contentType: 'text/plain; charset=utf-8',
      headers: { 'x-content-type-options': 'nosniff' },
    })
  }
}
