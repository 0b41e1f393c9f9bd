import type { Impersonator } from '../impersonation/impersonator.ts'
import type { Filter } from './filter.ts'

/** Acts as the user named by Impersonate-User, -Group, -Uid and -Extra-*, when the caller may. */
export function impersonationFilter({ impersonate }: { impersonate: Impersonator }): Filter {
  return async (exchange, next) => {
    const { request, info, user } = exchange
    const found = await impersonate(request.rawHeaders, info, user)
    if (found) {
      exchange.user = found.user
      exchange.audit?.impersonated(found.user, found.constraint)
    }
    return next(exchange)
  }
}
