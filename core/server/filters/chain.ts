import type { Authenticator } from '../../auth/authn/authenticator.ts'
import type { Authorizer } from '../../auth/authz/authorizer.ts'
import type { ProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { Impersonator } from '../impersonation/impersonator.ts'
import type { Auditor } from '../audit/auditor.ts'
import { auditFilter } from './audit.ts'
import { authenticationFilter } from './authentication.ts'
import { authorizationFilter } from './authorization.ts'
import { compose, type Handler } from './filter.ts'
import { headerSizeFilter } from './header-size.ts'
import { impersonationFilter } from './impersonation.ts'
import { metricsFilter } from './metrics.ts'
import { priorityAndFairnessFilter, type FlowControlOptions } from './priority-and-fairness.ts'
import { recoveryFilter } from './recovery.ts'
import { requestInfoFilter } from './request-info.ts'
import { timeoutFilter } from './timeout.ts'

export interface ChainOptions extends FlowControlOptions {
  authenticator: Authenticator
  anonymousPaths?: ReadonlySet<string>
  authorizer: Authorizer
  impersonate: Impersonator
  metrics: ServerMetrics
  /** Left out: nothing is audited. */
  auditor?: Auditor
  /** Writes failures to clients that ask for protobuf. */
  protobuf: ProtobufEncoder
  clock: Clock
  log: Logger
}

/** The way of every request, outermost first (upstream: DefaultBuildHandlerChain in apiserver/pkg/server/config.go). */
export function buildChain(options: ChainOptions, handler: Handler): Handler {
  const { auditor } = options
  const { access, inFlight, inQueue, more } = options.metrics
  return compose(
    [
      metricsFilter(options),
      recoveryFilter(options),
      headerSizeFilter(),
      requestInfoFilter(),
      timeoutFilter(options),
      authenticationFilter({ ...options, access }),
      ...(auditor ? [auditFilter({ ...options, auditor })] : []),
      impersonationFilter(options),
      priorityAndFairnessFilter({ ...options, inFlight, inQueue, time: more.filters.priorityandfairness }),
      authorizationFilter({ ...options, access }),
    ],
    handler,
  )
}
