import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { ChunkedBody } from './chunked-body.ts'
import { GrowingBuffer } from './growing-buffer.ts'

/** How to reach and be known to an API server. PEM texts. */
export interface ServerAccess {
  host: string
  port: number
  ca: string
  certificate: string
  key: string
}

export interface Answer {
  code: number
  /** Valid until the client's next request. */
  body: Buffer
}

/** What TLS decrypts at once, and the most that is told at once. */
export const readBytes = 16 * 1024

/** A connection for HTTP/1.1. What it receives lies in one buffer that is used again and again: a load generator shares the machine with the server. */
export function openSocket(access: ServerAccess, onBytes: (bytes: Buffer) => void): TLSSocket {
  const { host, port, ca, certificate: cert, key } = access
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  const callback = (length: number): boolean => {
    onBytes(buffer.subarray(0, length))
    return true
  }
  // Node has it for TLS too; its types say it of plain sockets only.
  const onread = { onread: { buffer, callback } } as object
  const socket = connect({ host, port, ca, cert, key, ALPNProtocols: ['http/1.1'], ...onread })
  socket.setNoDelay(true)
  return socket
}

/**
 * One keep-alive HTTP/1.1 connection, one request at a time. Does no more than a load generator needs, so that what is
 * measured is the server: answers too are put together in memory that is used again.
 */
export class BenchClient {
  readonly #socket: TLSSocket
  readonly #received = new GrowingBuffer()
  readonly #chunks = new ChunkedBody((bytes) => this.#content.append(bytes))
  /** What the chunks held. */
  readonly #content = new GrowingBuffer()
  /** Bytes up to the body's first; 0 while the head is not complete. */
  #bodyAt = 0
  /** Where the answer ends; -1 while that is not known. */
  #end = -1
  /** Whether the body's length is not said beforehand. */
  #isChunked = false
  #code = 0
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  private constructor(access: ServerAccess) {
    this.#socket = openSocket(access, (bytes) => this.#receive(bytes))
    this.#socket.on('error', (error) => this.#settle?.reject(error))
    this.#socket.on('close', () => this.#settle?.reject(new Error('connection closed')))
  }

  static async open(access: ServerAccess): Promise<BenchClient> {
    const client = new BenchClient(access)
    await once(client.#socket, 'secureConnect')
    return client
  }

  /** Sends a request and waits for its answer. Throws when the code is 400 or more. */
  async request(
    method: string,
    path: string,
    options: { body?: string; type?: string; accept?: string } = {},
  ): Promise<Answer> {
    const { body = '', type = 'application/json', accept = 'application/json' } = options
    const head =
      `${method} ${path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench/1\r\nAccept: ${accept}\r\n` +
      (body ? `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n` : '\r\n')
    if (this.#socket.destroyed) throw new Error(`${method} ${path}: the idle connection was closed`)
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket.write(head + body)
    })
    if (answer.code >= 400)
      throw new Error(`${method} ${path}: ${answer.code} ${answer.body.toString().slice(0, 500)}`)
    return answer
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(bytes: Buffer): void {
    if (this.#isChunked) return this.#receiveChunks(bytes)
    this.#received.append(bytes)
    if (this.#bodyAt === 0) this.#readHead()
    if (this.#end >= 0 && this.#received.length >= this.#end) this.#finish(this.#received.view(this.#bodyAt))
  }

  #receiveChunks(bytes: Buffer): void {
    if (this.#chunks.push(bytes)) this.#finish(this.#content.view())
  }

  #finish(body: Buffer): void {
    const settle = this.#settle
    this.#received.clear()
    this.#content.clear()
    this.#bodyAt = 0
    this.#end = -1
    this.#isChunked = false
    this.#settle = undefined
    settle?.resolve({ code: this.#code, body })
  }

  /** Learns where the body begins and, where it is said, where it ends. */
  #readHead(): void {
    const all = this.#received.view()
    const end = all.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = all.toString('latin1', 0, end)
    this.#code = Number(head.slice(9, 12))
    this.#bodyAt = end + 4
    if (/\r\ntransfer-encoding: chunked/i.test(head)) {
      this.#isChunked = true
      this.#receiveChunks(all.subarray(this.#bodyAt))
      return
    }
    const length = /content-length: (\d+)/i.exec(head)
    if (!length) throw new Error(`no content-length in ${head}`)
    this.#end = this.#bodyAt + Number(length[1])
    this.#received.reserve(this.#end)
  }
}
