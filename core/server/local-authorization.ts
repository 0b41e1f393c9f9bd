import type { UserInfo } from '../api/request.ts'
import type { Authorizer } from '../auth/authz/authorizer.ts'
import type { AuditRecord } from './audit/audit-record.ts'
import { requireAccess } from './filters/authorization.ts'
import { localInfo, type LocalCall } from './local-request.ts'
import type { LocalTransport } from './local-transport.ts'

/** The transport for a user who may do only what the authorizer allows, as over HTTP; throws its 403. */
export function authorizeTransport(
  transport: LocalTransport,
  user: UserInfo,
  authorizer: Authorizer,
): LocalTransport {
  const require = (call: Omit<LocalCall, 'verb'>, verb: string, audit: AuditRecord | undefined) =>
    requireAccess(authorizer, localInfo({ ...call, verb }), user, audit)
  return {
    async call(call, audit) {
      await require(call, call.verb, audit)
      return transport.call(call, audit)
    },
    async watch(call, onEvents, audit) {
      await require(call, 'watch', audit)
      return transport.watch(call, onEvents, audit)
    },
  }
}
