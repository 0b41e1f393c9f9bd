import { connect } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { ProbeResult } from './probe-worker.ts'

const servingStatus: Record<number, string> = {
  0: 'UNKNOWN',
  1: 'SERVING',
  2: 'NOT_SERVING',
  3: 'SERVICE_UNKNOWN',
}
const okCode = 0
const unimplementedCode = 12
/** Answers of the health protocol have a few bytes; more than this is no such answer. */
const longestAnswer = 64 * 1024

/**
 * Asks a server by the gRPC health protocol (grpc.health.v1.Health/Check) over a connection that is already there.
 * Rejects when the connection breaks; the caller destroys the stream. Messages as upstream's pkg/probe/grpc.
 */
export async function probeGrpc(
  stream: Duplex,
  what: { service: string; authority: string; userAgent: string },
): Promise<ProbeResult> {
  const session = connect(`http://${what.authority}`, { createConnection: () => stream })
  try {
    return judge(await check(session, what))
  } finally {
    session.destroy()
  }
}

interface CheckAnswer {
  httpStatus: number
  code: number | undefined
  message: string
  body: Buffer
}

function check(
  session: ClientHttp2Session,
  what: { service: string; userAgent: string },
): Promise<CheckAnswer> {
  return new Promise((resolve, reject) => {
    session.once('error', reject)
    session.once('close', () => reject(new Error('the connection was closed')))
    const request = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': what.userAgent,
      te: 'trailers',
    })
    const answer: CheckAnswer = { httpStatus: 0, code: undefined, message: '', body: Buffer.alloc(0) }
    const readStatus = (headers: Record<string, unknown>): void => {
      const code = headers['grpc-status']
      if (typeof code === 'string') answer.code = Number(code)
      const message = headers['grpc-message']
      if (typeof message === 'string') answer.message = decodeMessage(message)
    }
    request.on('response', (headers) => {
      answer.httpStatus = Number(headers[':status'] ?? 0)
      readStatus(headers)
    })
    request.on('trailers', readStatus)
    request.on('data', (chunk: Buffer) => {
      if (answer.body.length < longestAnswer) answer.body = Buffer.concat([answer.body, chunk])
    })
    request.once('error', reject)
    request.once('end', () => resolve(answer))
    request.end(frame(encodeRequest(what.service)))
  })
}

function judge(answer: CheckAnswer): ProbeResult {
  const { code, message, httpStatus } = answer
  if (code === unimplementedCode) {
    const output = `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`
    return { ok: false, output }
  }
  if (code !== okCode) {
    const why =
      code === undefined ? `unexpected HTTP status code ${httpStatus}` : `code = ${code}: ${message}`
    return { ok: false, output: `error: health rpc probe failed: ${why}` }
  }
  const status = servingStatus[decodeStatus(answer.body)] ?? 'UNKNOWN'
  if (status === 'SERVING') return { ok: true, output: '' }
  return { ok: false, output: `service unhealthy (responded with "${status}")` }
}

/** grpc-message is percent-encoded (gRPC over HTTP/2); a broken one is shown as it came. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `HealthCheckRequest { string service = 1 }` as protobuf. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service)
  return name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

/** gRPC's length-prefixed message, uncompressed. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** The enum in field 1 of a HealthCheckResponse; proto3 leaves the zero value out. */
function decodeStatus(body: Buffer): number {
  const message = body.subarray(5)
  return message[0] === 0x08 ? (message[1] ?? 0) : 0
}
