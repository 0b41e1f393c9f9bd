import { PassThrough, Readable } from 'node:stream'
import type { ExecSession } from '../runtime/runtime-streams.ts'

/** For tests: a session that prints `output` and ends with the exit code that `exit` gives. */
export function execSession(exit: number | Promise<number>, output = ''): ExecSession {
  const code = Promise.resolve(exit)
  const print = async function* (): AsyncGenerator<string> {
    await code
    if (output !== '') yield output
  }
  return {
    stdin: new PassThrough().resume(),
    stdout: Readable.from(print(), { objectMode: false }),
    stderr: Readable.from([], { objectMode: false }),
    resize: () => undefined,
    exit: code,
    close: () => undefined,
  }
}
