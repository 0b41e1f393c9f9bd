import { tooLarge } from '../../api/status.ts'
import { ClientGoneError, type Exchange } from '../exchange.ts'

/** Longest request body, in bytes (upstream: MaxRequestBodyBytes). */
const maxBodyBytes = 3 * 1024 * 1024

function bodyTooLarge(limit: number): Error {
  return tooLarge(`Request entity too large: limit is ${limit}`)
}

/** Reads the whole body. Throws 413 beyond `limit` without reading on; rejects when the client goes away. */
export async function readBody(exchange: Exchange, limit = maxBodyBytes): Promise<Buffer> {
  const { request } = exchange
  if (Number(exchange.header('content-length') ?? 0) > limit) throw bodyTooLarge(limit)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limit) {
        request.pause()
        request.removeAllListeners('data')
        reject(bodyTooLarge(limit))
        return
      }
      chunks.push(chunk)
    })
    request.on('end', () => {
      exchange.bodyBytes = length
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
    })
    request.on('error', (error) => reject(new ClientGoneError(error.message)))
    request.on('aborted', () => reject(new ClientGoneError('the client left while sending the request body')))
  })
}
