import type { Auditor } from '../audit/auditor.ts'
import { ClientGoneError, type Exchange } from '../exchange.ts'
import { toStatusError } from '../responses/status.ts'
import type { Logger } from '../../util/logger.ts'
import type { Filter } from './filter.ts'

/** Has authenticated requests written to the audit log as the policy asks (upstream: endpoints/filters/audit.go). */
export function auditFilter(options: { auditor: Auditor; log: Logger }): Filter {
  return async (exchange, next) => {
    const record = options.auditor({ ...subjectOf(exchange), user: exchange.user })
    if (!record) return next(exchange)
    exchange.audit = record
    record.stage('RequestReceived')
    try {
      await next(exchange)
    } catch (error) {
      if (error instanceof ClientGoneError) throw error
      // The answer is the recovery filter's, further out; what it will say is known here.
      const failure = toStatusError(error, options.log)
      record.responseStatus(failure.status)
      if (record.wantsResponse) record.responseObject(JSON.stringify(failure.status))
      throw failure
    } finally {
      record.stage('ResponseComplete')
    }
  }
}

/** Writes down a request whose credentials are no good (upstream: authn_audit.go). */
export function auditFailedAuthentication(exchange: Exchange, auditor: Auditor): void {
  const record = auditor({ ...subjectOf(exchange), user: undefined })
  record?.responseStatus({ message: attempted(exchange), code: 401 })
  record?.stage('ResponseStarted')
}

function subjectOf(exchange: Exchange): Omit<Parameters<Auditor>[0], 'user'> {
  const { request, info, query, auditId, startedAt } = exchange
  return { request, info, query, auditId, receivedAt: startedAt }
}

function attempted(exchange: Exchange): string {
  const scheme = exchange.header('authorization')?.split(' ')[0]?.toLowerCase()
  if (scheme) return `Authentication failed, attempted: ${scheme}`
  return 'Authentication failed, attempted: x509'
}
