import type { Readable, Writable } from 'node:stream'
import type { Status } from '../../../api/status.ts'

/** A client's side of `exec` or `attach`, whatever the protocol under it. Streams it did not ask for are undefined. */
export interface RemoteCommandChannels {
  stdin: Readable | undefined
  stdout: Writable | undefined
  stderr: Writable | undefined
  onResize(listener: (size: { width: number; height: number }) => void): void
  /** Tells the client how it ended and hangs up. */
  finish(status: Pick<Status, 'status'> & Partial<Status>): Promise<void>
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>
}

/** Reads a terminal size as Kubernetes clients send it: `{"Width":80,"Height":24}`. Undefined when it is none. */
export function parseTerminalSize(text: string): { width: number; height: number } | undefined {
  try {
    const size = JSON.parse(text) as { Width?: unknown; Height?: unknown } | null
    const width = size?.Width
    const height = size?.Height
    return isDimension(width) && isDimension(height) ? { width, height } : undefined
  } catch {
    // Not JSON: a client's mistake that does not concern the command it runs.
    return undefined
  }
}

function isDimension(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 0xffff
}
