import type { UserInfo } from '../../api/request.ts'
import { internalError, StatusError } from '../../api/status.ts'
import { accessDenied, type AuthorizationAttributes, type Authorizer } from '../../auth/authz/authorizer.ts'
import type { Clock } from '../../util/clock.ts'
import { attributesOf } from '../filters/authorization.ts'
import type { ImpersonationMetrics } from '../metrics/impersonation-metrics.ts'
import type { RequestInfo } from '../request-info.ts'
import { impersonationModes, type Impersonation } from './modes.ts'
import { wantedUser } from './wanted-user.ts'

/** Whose last mode is remembered. */
const maxRequestors = 10_000

/**
 * Finds who a request is to act as; undefined when it asks for nobody. Throws 400, and 403 when the caller may not. `rawHeaders` are
 * names and values in turn.
 */
export type Impersonator = (
  rawHeaders: readonly string[],
  info: RequestInfo,
  caller: UserInfo,
) => Promise<Impersonation | undefined>

/** Creates it (upstream: endpoints/filters/impersonation WithConstrainedImpersonation). */
export function createImpersonator(options: {
  authorizer: Authorizer
  clock: Clock
  metrics: ImpersonationMetrics
}): Impersonator {
  const { authorizer, clock, metrics } = options
  const check = async (attributes: AuthorizationAttributes): Promise<void> => {
    const start = clock.now()
    const { allowed, reason } = await authorizer.authorize(attributes)
    metrics.authorized(attributes.verb, allowed, (clock.now() - start) / 1000)
    if (!allowed) throw accessDenied(attributes, reason)
  }
  const modes = impersonationModes(check, clock)
  /** The mode that a caller last succeeded with is tried first, so that the oldest one costs no more than it ever did. */
  const lastModes = new Map<string, number>()

  async function find(wanted: UserInfo, request: AuthorizationAttributes): Promise<Impersonation> {
    const last = lastModes.get(request.user.name)
    const order = [...modes.keys()]
    if (last !== undefined) order.unshift(...order.splice(last, 1))
    let firstError: StatusError | undefined
    for (const index of order) {
      try {
        const found = await modes[index]!(wanted, request)
        if (!found) continue
        if (index !== last) remember(request.user.name, index)
        return found
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        firstError ??= error
      }
    }
    throw firstError ?? internalError('all impersonation modes failed')
  }

  function remember(name: string, index: number): void {
    lastModes.delete(name)
    lastModes.set(name, index)
    if (lastModes.size > maxRequestors) lastModes.delete(lastModes.keys().next().value!)
  }

  return async (rawHeaders, info, caller) => {
    const wanted = wantedUser(rawHeaders)
    if (!wanted) return undefined
    const start = clock.now()
    const seconds = (): number => (clock.now() - start) / 1000
    try {
      const found = await find(wanted, attributesOf(info, caller))
      metrics.attempted(found.constraint || 'impersonate', true, seconds())
      return found
    } catch (error) {
      metrics.attempted('', false, seconds())
      throw error
    }
  }
}
