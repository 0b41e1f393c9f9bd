import { randomUUID } from 'node:crypto'
import type { UserInfo } from '../../api/request.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { HttpRequest } from '../exchange.ts'
import { localInfo, localUri, programOf, type LocalRequest } from '../local-request.ts'
import type { LocalTransport } from '../local-transport.ts'
import { toStatusError } from '../responses/status.ts'
import type { Auditor } from './auditor.ts'
import type { AuditRecord } from './audit-record.ts'

const ownAddress = '127.0.0.1'

/**
 * Has the calls of a part of this process written to the audit log as those of its counterpart that runs on its own, which
 * comes over HTTP, are.
 */
export function auditTransport(
  transport: LocalTransport,
  user: UserInfo,
  { auditor, clock, log }: { auditor: Auditor; clock: Clock; log: Logger },
): LocalTransport {
  const userAgent = programOf(user)

  async function audited<T>(
    request: LocalRequest,
    work: (record: AuditRecord | undefined) => Promise<T>,
    answerOf?: (answer: T, record: AuditRecord) => void,
  ): Promise<T> {
    const asked = { url: localUri(request), headers: { 'user-agent': userAgent } }
    const record = auditor({
      request: { ...asked, socket: { remoteAddress: ownAddress } } as unknown as HttpRequest,
      info: localInfo(request),
      query: new URLSearchParams(request.query),
      user,
      auditId: randomUUID(),
      receivedAt: clock.now(),
    })
    if (!record) return work(undefined)
    record.stage('RequestReceived')
    try {
      if (request.body !== undefined) record.requestObject(request.body)
      const answer = await work(record)
      answerOf?.(answer, record)
      return answer
    } catch (error) {
      const failure = toStatusError(error, log)
      record.responseStatus(failure.status)
      if (record.wantsResponse) record.responseObject(JSON.stringify(failure.status))
      throw error
    } finally {
      // What the system's masters may do nobody needs to be asked.
      record.annotate('authorization.k8s.io/decision', 'allow')
      record.annotate('authorization.k8s.io/reason', '')
      record.stage('ResponseComplete')
    }
  }

  return {
    call: (call) =>
      audited(
        call,
        (record) => transport.call(call, record),
        (answer, record) => {
          record.responseStatus({ code: call.verb === 'create' ? 201 : 200 })
          if (record.wantsResponse) record.responseObject(JSON.stringify(answer))
        },
      ),
    watch: (call, onEvents) =>
      audited({ ...call, verb: 'watch' }, (record) => transport.watch(call, onEvents, record)),
  }
}
