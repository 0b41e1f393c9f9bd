import type { UserInfo } from '../../api/request.ts'
import type { Clock } from '../../util/clock.ts'
import type { HttpRequest } from '../exchange.ts'
import { isLongRunning, type RequestInfo } from '../request-info.ts'
import { createAuditRecord, type AuditRecord } from './audit-record.ts'
import { createPolicyEvaluator } from './evaluate-policy.ts'
import type { AuditPolicy } from './policy.ts'

/** What is audited, and where its lines go. */
export interface AuditOptions {
  policy: AuditPolicy
  /** Takes one line of JSON with its newline. Never throws. */
  write(line: string): void
}

/** A request that may be audited; its user is unknown when authentication failed. */
export interface AuditSubject {
  request: HttpRequest
  info: RequestInfo
  query: URLSearchParams
  user: UserInfo | undefined
  auditId: string
  receivedAt: number
}

/** Begins the record of a request; undefined when the policy leaves it out. */
export type Auditor = (subject: AuditSubject) => AuditRecord | undefined

const nobody: UserInfo = { name: '', groups: [] }

/** Creates the auditor of a policy. */
export function createAuditor(options: AuditOptions & { clock: Clock }): Auditor {
  const evaluate = createPolicyEvaluator(options.policy)
  const output = { write: (line: string) => options.write(line), now: () => options.clock.now() }
  return ({ request, info, query, user, auditId, receivedAt }) => {
    const decision = evaluate(user ?? nobody, info)
    if (decision.level === 'None') return undefined
    const objectRef = info.isResourceRequest
      ? {
          resource: info.resource,
          namespace: info.namespace,
          name: info.name,
          uid: '',
          apiGroup: info.apiGroup,
          apiVersion: info.apiVersion,
          resourceVersion: '',
          subresource: info.subresource,
        }
      : undefined
    return createAuditRecord(
      {
        auditId,
        uri: request.url ?? '/',
        verb: info.verb,
        user,
        sourceIps: sourceIps(request),
        userAgent: request.headers['user-agent'],
        objectRef,
        isLongRunning: isLongRunning(info, query),
        receivedAt,
      },
      decision,
      output,
    )
  }
}

/** Where a request came from: what proxies say, then who is connected (upstream: apimachinery net.SourceIPs). */
function sourceIps(request: HttpRequest): string[] {
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',')
  const ips = forwarded
    .split(',')
    .map((ip) => ip.trim())
    .filter((ip) => ip !== '')
  const real = [request.headers['x-real-ip'] ?? []].flat()[0]
  if (real && !ips.includes(real)) ips.push(real)
  const remote = request.socket.remoteAddress?.replace(/^::ffff:/, '')
  if (remote && ips.at(-1) !== remote) ips.push(remote)
  return ips
}
