import { Duplex, PassThrough, Readable } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import type { ExecSession, RuntimeLogOptions } from '../runtime/runtime-streams.ts'
import type { LogLine, SimulatedContainer } from './simulated-container.ts'

function format(line: LogLine, timestamps: boolean): string {
  const stamp = new Date(line.at).toISOString().replace(/(\.\d{3})Z$/, '$1000000Z')
  return timestamps ? `${stamp} ${line.text}\n` : `${line.text}\n`
}

/** The log of a simulated container, cut as asked; with `follow` it ends with the container. */
export function simulatedLogs(
  container: SimulatedContainer,
  options: RuntimeLogOptions,
  clock: Clock,
): Readable {
  const since =
    options.sinceSeconds === undefined
      ? Date.parse(options.sinceTime ?? '') || 0
      : clock.now() - options.sinceSeconds * 1000
  let lines = container.lines().filter((line) => line.at >= since)
  if (options.tailLines !== undefined) lines = options.tailLines === 0 ? [] : lines.slice(-options.tailLines)
  const seen = container.lines().length
  const first = lines.map((line) => format(line, options.timestamps)).join('')
  const limit = options.limitBytes ?? Number.POSITIVE_INFINITY
  async function* read(): AsyncGenerator<string> {
    if (first !== '') yield first.slice(0, limit)
    if (!options.follow || first.length >= limit || container.status().state !== 'running') return
    await Promise.race([container.ended, aborted(options.signal)])
    for (const line of container.lines().slice(seen)) yield format(line, options.timestamps)
  }
  return Readable.from(read(), { objectMode: false })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** A session that says that nothing runs here, and ends well. */
export function simulatedSession(text: string): ExecSession {
  const stdin = new PassThrough().resume()
  return {
    stdin,
    stdout: Readable.from([`${text}\n`], { objectMode: false }),
    stderr: Readable.from([], { objectMode: false }),
    resize: () => undefined,
    exit: Promise.resolve(0),
    close: () => void stdin.destroy(),
  }
}

/** A connection to a port of a simulated pod: answers any HTTP request with 200 and a line of text. */
export function simulatedConnection(description: string): Duplex {
  const body = `${description}\n`
  const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
  let answered = false
  return new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      if (!answered && chunk.includes('\r\n\r\n')) {
        answered = true
        this.push(answer)
        this.push(null)
      }
      done()
    },
    final(done) {
      if (!answered) this.push(null)
      done()
    },
  })
}
