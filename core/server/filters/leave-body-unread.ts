import type { Exchange } from '../exchange.ts'

/** A refused request's body is not worth reading: an HTTP/1.1 connection closes after the answer. */
export function leaveBodyUnread(exchange: Exchange): void {
  const { request, response } = exchange
  if (request.httpVersionMajor === 1 && !request.complete) {
    response.setHeader('connection', 'close')
    request.resume()
  }
}
