import { methodNotAllowed, pathNotFound } from '../../api/status.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { respond } from '../responses/respond.ts'

/** A path outside the resources, and what answers it. */
export interface Route {
  /** Exact path; with `subpaths` also everything below it. */
  path: string
  subpaths?: boolean
  /** Whether it is one of upstream's routes, which have methods, rather than a handler, which answers every method alike. */
  onlyGet?: boolean
  handle: Handler
}

/** A slash at the end makes another path of it, but for upstream's routes. */
function matches(route: Route, path: string): boolean {
  if (route.path === path) return true
  if (route.onlyGet && path === `${route.path}/`) return true
  return route.subpaths === true && path.startsWith(`${route.path}/`)
}

/** Answers requests to the given routes, and to `/` with the list of their paths; 404 and 405 for anything else. */
export function createNonResourceHandler(options: { routes: Route[]; paths: () => string[] }): Handler {
  const index = (exchange: Exchange): Promise<void> => {
    const body = JSON.stringify({ paths: options.paths() }, null, 2)
    return respond(exchange, { code: 200, contentType: 'application/json', body })
  }
  return async (exchange) => {
    const { path } = exchange.info
    const route = path === '/' ? { handle: index } : options.routes.find((one) => matches(one, path))
    if (!route) throw pathNotFound()
    if ('onlyGet' in route && route.onlyGet && exchange.method !== 'GET') throw methodNotAllowed()
    await route.handle(exchange)
  }
}
