import type { Readable, Writable } from 'node:stream'

/** Which lines of a container's log are wanted. */
export interface RuntimeLogOptions {
  follow: boolean
  tailLines?: number
  sinceSeconds?: number
  sinceTime?: string
  timestamps: boolean
  limitBytes?: number
  signal: AbortSignal
}

/** A command to run in a container. */
export interface ExecOptions {
  command: string[]
  tty: boolean
  stdin: boolean
}

/** How to join a container's main process. */
export interface AttachOptions {
  tty: boolean
  stdin: boolean
}

/** A command, or an attached process, with its streams. */
export interface ExecSession {
  stdin: Writable
  stdout: Readable
  /** Empty stream with a tty. */
  stderr: Readable
  resize(size: { width: number; height: number }): void
  /** Exit code when it ends; undefined where the engine cannot tell (attach to a running container). */
  readonly exit: Promise<number | undefined>
  close(): void
}
