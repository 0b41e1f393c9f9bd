import type { Agent } from 'node:http'
import type { Duplex } from 'node:stream'

/** Where a request is handed on to. */
export interface Destination {
  /** Opens a stream to it, with TLS where it speaks TLS. */
  connect(): Promise<Duplex>
  /** Keeps connections between requests; without one each request has its own. */
  agent?: Agent
  /** Path and query there. */
  path: string
  /** Header fields to set on the way in, in place of the client's. */
  headers: Record<string, string | string[]>
  /** Value of the Host header; the client's own when left out. */
  host?: string
  /** What the path here has in front of the path there: answers' links are rewritten to it. */
  prefix?: string
  /** The text of a failure to get there. */
  describeFailure(error: unknown): string
}
