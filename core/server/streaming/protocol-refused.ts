import { failure, StatusError } from '../../api/status.ts'

/** 403: none of the stream protocols the client offers is spoken here. */
export class ProtocolRefused extends StatusError {
  /** Response headers that tell the client what is. */
  readonly headers: Record<string, string>

  constructor(offered: string[], supported: string[]) {
    const message = `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${supported.join(' ')}]`
    super(failure(403, 'Forbidden', message).status)
    this.headers = { 'X-Accepted-Stream-Protocol-Versions': supported.join(', ') }
  }
}
