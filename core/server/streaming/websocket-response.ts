import type { OutgoingHttpHeaders } from 'node:http'
import { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { answerUpgrade, type Upgrade } from './upgrade.ts'
import { acceptWebSocket, negotiateWebSocketProtocol } from './websocket-upgrade.ts'

/** How a body goes out as messages. */
export interface MessageForm {
  /** What clients may ask for; '' is no subprotocol. */
  protocols: string[]
  /** The messages of one piece of the body. */
  messages(piece: Buffer, protocol: string): Array<Buffer | string>
}

/** A watch: a text message per event (upstream: endpoints/handlers/watch.go, HandleWS). */
export const eventMessages: MessageForm = {
  protocols: [''],
  messages: (piece) =>
    piece
      .toString()
      .split('\n')
      .filter((line) => line !== ''),
}

/** A log: its bytes as they come, or as base64 text (upstream: util/wsstream/stream.go, NewDefaultReaderProtocols). */
export const byteMessages: MessageForm = {
  protocols: ['', 'binary.k8s.io', 'base64.binary.k8s.io'],
  messages: (piece, protocol) => [protocol === 'base64.binary.k8s.io' ? piece.toString('base64') : piece],
}

/**
 * Stands for the response of an ordinary GET whose client wants the body over a WebSocket: the handler of that GET writes to it as to
 * any response. A body that begins with 200 opens the WebSocket and ends with it; any other answer refuses the upgrade. Emits `close`
 * when the client goes. Throws a StatusError for a handshake that is malformed.
 */
export class WebSocketResponse extends Writable {
  headersSent = false
  statusCode = 200
  readonly #upgrade: Upgrade
  readonly #form: MessageForm
  readonly #protocol: string
  #webSocket: WebSocket | undefined
  /** The body of any other answer than 200, and its type. */
  #refusal: Buffer[] = []
  #refusalType = 'application/json'

  constructor(upgrade: Upgrade, form: MessageForm) {
    super()
    this.#upgrade = upgrade
    this.#form = form
    this.#protocol = negotiateWebSocketProtocol(upgrade, form.protocols)
    upgrade.socket.once('close', () => this.destroy())
  }

  /** Headers have no place beside a handshake; of a refusal the type of its body is kept. */
  writeHead(code: number, headers: OutgoingHttpHeaders = {}): this {
    this.headersSent = true
    this.statusCode = code
    this.#refusalType = String(headers['content-type'] ?? this.#refusalType)
    if (code === 200) this.#webSocket = acceptWebSocket(this.#upgrade, this.#protocol)
    return this
  }

  setHeader(): this {
    return this
  }

  flushHeaders(): void {
    // The handshake went out with the head.
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const webSocket = this.#webSocket
    if (!webSocket) {
      this.#refusal.push(piece)
      done()
      return
    }
    const messages = this.#form.messages(piece, this.#protocol)
    const last = messages.pop()
    for (const message of messages) webSocket.send(message)
    // Room is made when the last one has left, so that a slow client holds the writer back.
    if (last === undefined) done()
    else webSocket.send(last, (error) => done(error))
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#webSocket) this.#webSocket.close(1000)
    else this.#refuse()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // One that ended well closes by itself, with a proper goodbye.
    if (!this.writableFinished) {
      this.#webSocket?.terminate()
      this.#upgrade.socket.destroy()
    }
    done(error)
  }

  #refuse(): void {
    answerUpgrade(this.#upgrade, {
      code: this.statusCode,
      headers: { 'Content-Type': this.#refusalType },
      body: Buffer.concat(this.#refusal),
    })
  }
}
