import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import { splitFrames } from './demultiplex.ts'

/** A script that ended with another exit code than 0; the message is what it printed. */
class ScriptError extends Error {}

/** The stream to the shell broke before the answer came; whether the script ran is not known. */
export class ShellLostError extends Error {}

/**
 * A shell looks after its ended subshells only when asked to. Without this they would stay zombies until the shell ends, and
 * then all come to containerd's shim at once, which has been seen to lock up over thousands of them.
 */
const reap = 'jobs >/dev/null 2>&1; '

/** A POSIX shell at the other end of a stream, driven by framed scripts. */
export interface Shell {
  /**
   * Runs a script in a subshell; it must not call `exit`. Scripts run beside each other, in no order. Rejects with ScriptError when it fails, with ShellLostError
   * when the stream ends or nothing is heard in time.
   */
  run(script: string): Promise<void>
  /** The same, and resolves with the start of what the script printed, at most `limitBytes` of it (default: 2000). */
  read(script: string, limitBytes?: number): Promise<string>
  /** Resolves when the stream has ended, for whatever reason. */
  readonly lost: Promise<void>
  /** Lets the shell end by itself; resolves when it has, at the latest after a second. */
  end(): Promise<void>
  /** Gives the shell up; scripts under way reject with `reason`. */
  close(reason: string): void
}

/** How long one script may take before the shell counts as hung and is given up. */
const scriptTimeoutMs = 20_000
const endTimeoutMs = 1000
/** At most so much of a failed script's output is reported. */
const reportBytes = 2000

/**
 * Drives `sh` over a duplex stream whose output is framed as the Docker Engine does for exec without a terminal. Every script is sent as
 * one group with its own number; the shell answers each with one line that carries the number, and on failure the output in base64.
 */
export function createShell(options: { stream: Duplex; clock: Clock }): Shell {
  const { stream, clock } = options
  const mark = `wh-${randomBytes(12).toString('hex')}`
  const waiting = new Map<number, (answer: Error | string) => void>()
  let next = 1
  let rest = ''
  let markLost: () => void = () => undefined
  const lost = new Promise<void>((resolve) => (markLost = resolve))

  function give(line: string): void {
    const [word, id, code, output] = line.split(' ')
    if (word !== mark) return
    const answer = waiting.get(Number(id))
    waiting.delete(Number(id))
    const text = Buffer.from(output ?? '', 'base64')
      .toString('utf8')
      .trim()
    answer?.(code === '0' ? text : new ScriptError(text === '' ? `exit code ${code}` : text))
  }

  function fail(reason: string): void {
    stream.destroy()
    const open = [...waiting.values()]
    waiting.clear()
    for (const answer of open) answer(new ShellLostError(reason))
    markLost()
  }

  const { stdout, stderr } = splitFrames(stream)
  stderr.resume()
  stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) give(line)
  })
  stdout.once('end', () => fail('the stream to the node agent ended'))
  stream.once('error', (error) => fail(`the stream to the node agent broke: ${error.message}`))

  function submit(script: string, readBytes: number | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      if (stream.destroyed || stream.writableEnded) {
        reject(new ShellLostError('the stream to the node agent has ended'))
        return
      }
      const id = next++
      const timer = clock.after(scriptTimeoutMs, () => fail(`no answer within ${scriptTimeoutMs / 1000} s`))
      waiting.set(id, (answer) => {
        timer[Symbol.dispose]()
        if (typeof answer === 'string') resolve(answer)
        else reject(answer)
      })
      const file = `/tmp/${mark}.${id}`
      // Reading the output takes three processes more, so it is done only where there is some and somebody wants it.
      const output = `o=; [ ! -s ${file} ] || o=$(head -c ${readBytes ?? reportBytes} ${file} | base64 | tr -d '\\n')`
      const success =
        readBytes !== undefined ? `${output}; echo "${mark} ${id} 0 $o"` : `echo ${mark} ${id} 0`
      stream.write(
        `${reap}( if {\n${script}\n} >${file} 2>&1 </dev/null; then ${success}; ` +
          `else c=$?; ${output}; echo "${mark} ${id} $c $o"; fi; rm -f ${file} ) &\n`,
      )
    })
  }

  return {
    lost,
    run: async (script) => void (await submit(script, undefined)),
    read: (script, limitBytes = reportBytes) => submit(script, limitBytes),
    async end() {
      const timer = clock.after(endTimeoutMs, () => fail('the shell does not end'))
      stream.end()
      await lost
      timer[Symbol.dispose]()
    },
    close: fail,
  }
}
