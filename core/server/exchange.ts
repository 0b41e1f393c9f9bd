import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { anonymousUser } from '../auth/authn/authenticator.ts'
import type { UserInfo } from '../api/request.ts'
import type { AuditRecord } from './audit/audit-record.ts'
import { noQuery } from './no-query.ts'
import { noRequestInfo, type RequestInfo } from './request-info.ts'
import type { WebSocketResponse } from './streaming/websocket-response.ts'

export type HttpRequest = IncomingMessage | Http2ServerRequest
export type HttpResponse = ServerResponse | Http2ServerResponse | WebSocketResponse

/** The client left before its request was complete: there is nobody to answer. */
export class ClientGoneError extends Error {}

/** One request and its answer, with what the filters found out about it. */
export class Exchange {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly method: string
  /** Path as sent, without the query. */
  readonly rawPath: string
  /** Decoded query; must not be mutated. */
  readonly query: URLSearchParams
  /** Set by the request-info filter, the first of all. */
  info: RequestInfo = noRequestInfo
  /** Milliseconds since the epoch at which the request arrived. */
  readonly startedAt: number
  /** Set by the authentication filter. */
  user: UserInfo = anonymousUser
  /** Set when the caller may not do this: the answer then tells browsers not to guess what it is (upstream: responsewriters.Forbidden). */
  isDenied = false
  /** Set once the router knows the resource and subresource. */
  isServed = false
  /** Texts for `Warning:` headers, without duplicates. */
  readonly warnings = new Set<string>()
  /** Status code and length of the answer, once it has been sent. */
  sent: { code: number; bytes: number } | undefined
  /** Length of the request's body, once it was read. */
  bodyBytes = 0
  /** Whether it was refused or cut off to protect the server. */
  wasTerminated = false
  /** What the audit log is to say about the request; undefined when it says nothing. */
  audit: AuditRecord | undefined
  /** Where the request belongs by priority and fairness; undefined for what that lets pass. */
  flow: { readonly schemaUid: string; readonly levelUid: string } | undefined
  /** How long it waited for its turn, in milliseconds. */
  queuedMs = 0
  /** Called when an answer that goes on for long has begun. */
  onBegun: (() => void) | undefined
  #auditId: string | undefined
  #abort: AbortController | undefined

  constructor(request: HttpRequest, response: HttpResponse, startedAt: number) {
    this.request = request
    this.response = response
    this.startedAt = startedAt
    this.method = request.method ?? 'GET'
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    this.rawPath = mark < 0 ? url : url.slice(0, mark)
    this.query = mark < 0 || mark === url.length - 1 ? noQuery : new URLSearchParams(url.slice(mark + 1))
  }

  /** A header's value; repeated headers are joined with commas. */
  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }

  /** Names the request in the audit log and to the client: what the client calls it, or a new UUID. */
  get auditId(): string {
    return (this.#auditId ??= this.header('audit-id') || randomUUID())
  }

  /** Aborted when the client goes away before the answer is complete, or the server ends long-running requests. */
  get signal(): AbortSignal {
    return this.#controller().signal
  }

  /** Ends what still works on this request. */
  abort(): void {
    this.#controller().abort()
  }

  /** Whether the client can no longer be answered. */
  get isGone(): boolean {
    const { response } = this
    // The HTTP/2 compatibility layer has no `destroyed` of its own.
    return this.request.httpVersionMajor === 2
      ? (response as Http2ServerResponse).stream.destroyed
      : (response as ServerResponse).destroyed
  }

  warn(message: string): void {
    this.warnings.add(message)
  }

  #controller(): AbortController {
    if (this.#abort) return this.#abort
    const controller = new AbortController()
    this.#abort = controller
    if (this.isGone) controller.abort()
    else this.response.once('close', () => controller.abort())
    return controller
  }
}
