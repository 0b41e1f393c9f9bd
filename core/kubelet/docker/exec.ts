import type Docker from 'dockerode'
import { PassThrough } from 'node:stream'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import type { AttachOptions, ExecOptions, ExecSession } from '../runtime/runtime-streams.ts'
import { splitFrames } from './demultiplex.ts'
import type { EngineCall } from './engine-call.ts'

interface ExecSource {
  docker: Docker
  call: EngineCall
  clock: Clock
}

/** How long the output of a container that has ended, or that gets no more stdin, may still be on its way. */
const lastOutputMs = 1_000

type Size = { width: number; height: number }

/** Runs a command in a container. Resolves once the command was started. */
export async function openExec(source: ExecSource, id: string, options: ExecOptions): Promise<ExecSession> {
  const { docker, call } = source
  const exec = await call('ExecError', () =>
    docker.getContainer(id).exec({
      Cmd: options.command,
      AttachStdin: options.stdin,
      AttachStdout: true,
      AttachStderr: !options.tty,
      Tty: options.tty,
    }),
  )
  const connection = await call('ExecError', () =>
    exec.start({ hijack: true, stdin: options.stdin, Tty: options.tty }),
  )
  return toSession(connection, {
    ...options,
    resize: (size) => exec.resize({ w: size.width, h: size.height }),
    exit: () => exitCodeOf(source, exec),
  })
}

/** The engine may report the end of the output a moment before the exit code. */
async function exitCodeOf(source: ExecSource, exec: Docker.Exec): Promise<number | undefined> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const info = await source.call('ExecError', () => exec.inspect())
    if (!info.Running && info.ExitCode !== null) return info.ExitCode
    await new Promise<void>((resolve) => source.clock.after(Math.min(20 * (attempt + 1), 500), resolve))
  }
  return undefined
}

/** Connects to the main process of a running container. */
export async function openAttach(
  source: ExecSource,
  id: string,
  options: AttachOptions,
): Promise<ExecSession> {
  const container = source.docker.getContainer(id)
  const { Config: config } = await source.call('AttachError', () => container.inspect())
  const connection = (await source.call('AttachError', () =>
    container.attach({
      stream: true,
      hijack: true,
      stdin: options.stdin,
      stdout: true,
      stderr: true,
    }),
  )) as Duplex
  const session = toSession(connection, {
    ...options,
    keepsOpen: !config.StdinOnce,
    resize: (size) => container.resize({ w: size.width, h: size.height }),
    exit: () => Promise.resolve(undefined),
  })
  if (options.stdin && !config.StdinOnce) endWithStdin(source, session)
  try {
    await endWithContainer(source, container, session)
  } catch (error) {
    session.close()
    throw error
  }
  return session
}

/**
 * Ends a session with its stdin where the container's own stays open, with a moment for the output of what was written last
 * (containerd: ContainerIO.Attach, which has none).
 */
function endWithStdin({ clock }: ExecSource, session: ExecSession): void {
  session.stdin.once('finish', () => clock.after(lastOutputMs, () => session.close()))
}

/**
 * Ends a session with a container that had ended before the engine connected it: the engine would wait for its next start. One
 * that ends later ends its sessions itself, and one that ended in between has a moment for what it wrote.
 */
async function endWithContainer(
  source: ExecSource,
  container: Docker.Container,
  session: ExecSession,
): Promise<void> {
  const { State: state } = await source.call('AttachError', () => container.inspect())
  if (!state.Running) source.clock.after(lastOutputMs, () => session.close())
}

interface SessionParts {
  tty: boolean
  stdin: boolean
  /** The end of stdin is not passed on: the engine would take it as the end of the whole session, at once. */
  keepsOpen?: boolean
  resize: (size: Size) => Promise<unknown>
  exit: () => Promise<number | undefined>
}

function toSession(connection: Duplex, parts: SessionParts): ExecSession {
  const closed = new Promise<void>((resolve) => {
    connection.once('end', resolve)
    connection.once('close', resolve)
    connection.once('error', () => resolve())
  })
  // Without stdin the connection is closed for writing; what is written anyway goes nowhere.
  const stdin = parts.stdin ? stdinOf(connection, parts) : new PassThrough().resume()
  const { stdout, stderr } = parts.tty ? rawOutput(connection) : splitFrames(connection)
  const exit = closed.then(parts.exit)
  // Whoever started the session may not wait for its end.
  exit.catch(() => undefined)
  return {
    stdin,
    stdout,
    stderr,
    exit,
    resize(size) {
      // A resize after the end, or before the terminal exists, is of no consequence.
      parts.resize(size).catch(() => undefined)
    },
    close: () => connection.destroy(),
  }
}

function stdinOf(connection: Duplex, { keepsOpen = false }: SessionParts): Writable {
  if (!keepsOpen) return connection
  const stdin = new PassThrough()
  stdin.on('error', () => undefined)
  stdin.pipe(connection, { end: false })
  return stdin
}

function rawOutput(connection: Duplex): { stdout: Readable; stderr: Readable } {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  stderr.end()
  connection.pipe(stdout)
  connection.once('close', () => stdout.end())
  connection.once('error', () => stdout.end())
  return { stdout, stderr }
}
