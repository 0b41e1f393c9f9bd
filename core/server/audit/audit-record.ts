import { parseExactJson } from '../../api/exact-json.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { UserInfo } from '../../api/request.ts'
import type { Status } from '../../api/status.ts'
import { rfc3339Micro } from '../../util/clock.ts'
import type { AuditDecision } from './evaluate-policy.ts'
import type { AuditStage } from './policy.ts'

/** The facts of a request that are known when it arrives. */
export interface AuditedRequest {
  auditId: string
  /** Path and query as sent. */
  uri: string
  verb: string
  user: UserInfo | undefined
  sourceIps: string[]
  userAgent: string | undefined
  /** Absent for non-resource requests. */
  objectRef: ObjectRef | undefined
  isLongRunning: boolean
  /** Milliseconds since the epoch. */
  receivedAt: number
}

/** Names as on the wire (audit.k8s.io/v1 ObjectReference); empty fields are left out when written. */
export interface ObjectRef {
  resource: string
  namespace: string
  name: string
  uid: string
  apiGroup: string
  apiVersion: string
  resourceVersion: string
  subresource: string
}

/** Responses are written at this length at most; what is longer is left out. */
const maxObjectBytes = 1024 * 1024
const maxUserAgentLength = 1024
const truncated = '...TRUNCATED'

/**
 * The audit event of one request as it grows (upstream: audit/context.go). Nothing is kept that the level does not ask
 * for: below Request no body, below RequestResponse no answer.
 */
export interface AuditRecord {
  /** Whether the answer's object is to be given to `responseObject`. */
  readonly wantsResponse: boolean
  annotate(key: string, value: string): void
  /** Who the caller acts as, and under which constraint; '' for none. */
  impersonated(user: UserInfo, constraint: string): void
  /** Notes who a body is about and, from level Request on, the body as it is now. */
  requestObject(value: unknown): void
  /** The text of the answer's JSON. */
  responseObject(json: string): void
  /** A Status that is the answer; its facts belong to every level. */
  responseStatus(status: Partial<Status>): void
  /** The answer begins. Of long-running requests this is an event of its own. */
  started(code: number): void
  /** Writes an event. */
  stage(stage: AuditStage): void
}

/** Creates the record of a request whose level is not None. `write` takes whole lines. */
export function createAuditRecord(
  request: AuditedRequest,
  decision: AuditDecision,
  { write, now }: { write: (line: string) => void; now: () => number },
): AuditRecord {
  const { level } = decision
  const ref = request.objectRef
  const annotations: Record<string, string> = {}
  let impersonatedUser: UserInfo | undefined
  let impersonationConstraint = ''
  let requestText: string | undefined
  let responseText: string | undefined
  let status: Partial<Status> | undefined
  const keepsBodies = (level === 'Request' || level === 'RequestResponse') && ref !== undefined

  function stage(name: AuditStage): void {
    if (decision.omitStages.has(name)) return
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: request.auditId,
      stage: name,
      requestURI: request.uri,
      verb: request.verb,
      user: userEntry(request.user),
      ...(impersonatedUser ? { impersonatedUser: userEntry(impersonatedUser) } : {}),
      ...(impersonationConstraint ? { authenticationMetadata: { impersonationConstraint } } : {}),
      sourceIPs: request.sourceIps,
      ...(request.userAgent ? { userAgent: cut(request.userAgent) } : {}),
      ...(ref ? { objectRef: withoutEmpty(ref) } : {}),
      ...(status ? { responseStatus: { metadata: {}, ...status } } : {}),
    }
    const head = JSON.stringify(event).slice(0, -1)
    const bodies =
      (requestText === undefined ? '' : `,"requestObject":${requestText}`) +
      (responseText === undefined ? '' : `,"responseObject":${responseText}`)
    const tail = JSON.stringify({
      requestReceivedTimestamp: rfc3339Micro(request.receivedAt),
      stageTimestamp: rfc3339Micro(now()),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    }).slice(1)
    write(`${head}${bodies},${tail}\n`)
  }

  return {
    wantsResponse: level === 'RequestResponse' && ref !== undefined,
    annotate(key, value) {
      // The first to speak under a key is right (upstream: AddAuditAnnotation).
      annotations[key] ??= value
    },
    impersonated(user, constraint) {
      impersonatedUser = user
      impersonationConstraint = constraint
    },
    requestObject(value) {
      if (ref) fillReference(ref, value)
      if (keepsBodies) requestText = objectText(value, decision.omitManagedFields)
    },
    responseObject(json) {
      if (json.length > maxObjectBytes) return
      responseText = decision.omitManagedFields ? objectText(parseExactJson(json), true) : json.trim()
    },
    responseStatus({ status: outcome, message, reason, details, code }) {
      status = {
        ...(outcome ? { status: outcome } : {}),
        ...(message ? { message } : {}),
        ...(reason ? { reason } : {}),
        ...(details ? { details } : {}),
        code: code ?? 200,
      }
    },
    started(code) {
      status ??= { code }
      if (request.isLongRunning) stage('ResponseStarted')
    },
    stage(name) {
      status ??=
        name === 'ResponseComplete'
          ? { status: 'Success', message: 'Connection closed early', code: 200 }
          : undefined
      stage(name)
    },
  }
}

function userEntry(user: UserInfo | undefined): object {
  if (!user) return {}
  return {
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    ...(user.groups.length > 0 ? { groups: user.groups } : {}),
    ...(user.extra ? { extra: user.extra } : {}),
  }
}

function cut(userAgent: string): string {
  return userAgent.length > maxUserAgentLength
    ? userAgent.slice(0, maxUserAgentLength) + truncated
    : userAgent
}

function withoutEmpty(ref: ObjectRef): Partial<ObjectRef> {
  return Object.fromEntries(Object.entries(ref).filter(([, value]) => value !== ''))
}

function fillReference(ref: ObjectRef, value: unknown): void {
  const { metadata } = (value ?? {}) as Partial<KubeObject>
  if (typeof metadata !== 'object' || metadata === null) return
  ref.namespace ||= text(metadata.namespace)
  ref.name ||= text(metadata.name)
  ref.uid ||= text(metadata.uid)
  ref.resourceVersion ||= text(metadata.resourceVersion)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function objectText(value: unknown, omitManagedFields: boolean): string | undefined {
  const json = JSON.stringify(omitManagedFields ? withoutManagedFields(value) : value)
  return json === undefined || json.length > maxObjectBytes ? undefined : json
}

/** A copy of an object or list without managedFields. */
function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const object = { ...value } as { metadata?: object; items?: unknown }
  if (Array.isArray(object.items)) object.items = object.items.map(withoutManagedFields)
  if (typeof object.metadata === 'object' && object.metadata !== null) {
    const { managedFields: _fields, ...metadata } = object.metadata as { managedFields?: unknown }
    object.metadata = metadata
  }
  return object
}
