import { connect, type TLSSocket } from 'node:tls'
import { ChunkedBody } from './chunked-body.ts'

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
  body: Buffer
}

/**
 * One keep-alive HTTP/1.1 connection, one request at a time. Does no more than a load generator needs, so that what is
 * measured is the server.
 */
export class BenchClient {
  readonly #socket: TLSSocket
  #chunks: Buffer[] = []
  #length = 0
  #expected = -1
  /** The answer's body, where its length is not said beforehand. */
  #chunked: ChunkedBody | undefined
  #code = 0
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.#settle?.reject(error))
    socket.on('close', () => this.#settle?.reject(new Error('connection closed')))
  }

  static async open({ host, port, ca, certificate, key }: ServerAccess): Promise<BenchClient> {
    const socket = connect({ host, port, ca, cert: certificate, key, ALPNProtocols: ['http/1.1'] })
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    return new BenchClient(socket)
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

  #receive(chunk: Buffer): void {
    if (this.#chunked) {
      if (this.#chunked.push(chunk)) this.#finish(this.#chunked.body())
      return
    }
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#expected < 0 && !this.#readHead()) return
    if (this.#length < this.#expected) return
    this.#finish(Buffer.concat(this.#chunks, this.#length))
  }

  #finish(body: Buffer): void {
    const settle = this.#settle
    this.#chunks = []
    this.#length = 0
    this.#expected = -1
    this.#chunked = undefined
    this.#settle = undefined
    settle?.resolve({ code: this.#code, body })
  }

  /** True when the head is there and the body's length is known. */
  #readHead(): boolean {
    const all = Buffer.concat(this.#chunks, this.#length)
    const end = all.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = all.toString('latin1', 0, end)
    this.#code = Number(head.slice(9, 12))
    const rest = all.subarray(end + 4)
    if (/\r\ntransfer-encoding: chunked/i.test(head)) {
      this.#chunked = new ChunkedBody()
      if (this.#chunked.push(rest)) this.#finish(this.#chunked.body())
      return false
    }
    const length = /content-length: (\d+)/i.exec(head)
    if (!length) throw new Error(`no content-length in ${head}`)
    this.#expected = Number(length[1])
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#length = rest.length
    return true
  }
}
