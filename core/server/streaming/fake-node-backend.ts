import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { failure } from '../../api/status.ts'
import type { NodeBackend, StreamSession } from './backend.ts'

/**
 * A node for tests: commands run as processes of this machine, a terminal is a small script (it prints every size it is
 * given, echoes its input in capitals and ends at `exit`), and ports are those of this machine.
 */
export function createFakeNodeBackend(): NodeBackend {
  return {
    logs: async () => Readable.from(['one\n', 'two\n']),
    exec: async (_pod, options) =>
      options.tty ? terminalSession() : processSession(options.command, options.stdin),
    attach: async (_pod, options) =>
      options.tty ? terminalSession() : processSession(['cat'], options.stdin),
    async portForward(_pod, port) {
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      await once(socket, 'connect')
      return socket
    },
  }
}

async function processSession(command: string[], hasStdin: boolean): Promise<StreamSession> {
  const child = spawn(command[0]!, command.slice(1), {
    stdio: [hasStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'close').then(([code]) => (code as number | null) ?? undefined)
  try {
    await once(child, 'spawn')
  } catch (error) {
    void exit.catch(() => undefined)
    throw failure(500, 'InternalError', `error executing command in container: ${String(error)}`)
  }
  return {
    stdin: child.stdin ?? new PassThrough(),
    // Node throws away what an ended process printed and nobody had begun to read, so reading begins here.
    stdout: child.stdout!.pipe(new PassThrough()),
    stderr: child.stderr!.pipe(new PassThrough()),
    resize: () => undefined,
    exit,
    close: () => void child.kill(),
  }
}

function terminalSession(): StreamSession {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const end = (code: number | undefined): void => {
    stdout.end()
    stderr.end()
    resolve(code)
  }
  let typed = ''
  stdin.on('data', (chunk: Buffer) => {
    typed += chunk.toString()
    stdout.write(chunk.toString().toUpperCase())
    if (typed.includes('exit')) end(0)
  })
  return {
    stdin,
    stdout,
    stderr,
    resize: ({ width, height }) => void stdout.write(`size ${width}x${height}\r\n`),
    exit: promise,
    close: () => end(undefined),
  }
}
