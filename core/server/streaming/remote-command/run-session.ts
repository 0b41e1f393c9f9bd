import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { internalError, StatusError, type Status } from '../../../api/status.ts'
import type { StreamSession } from '../backend.ts'
import type { RemoteCommandChannels } from './channels.ts'

/**
 * Connects a running command with its client until the command ends or the client goes. The client gets all output
 * before the final Status: Success, or NonZeroExitCode with the code as a cause of reason ExitCode. Never rejects.
 */
export async function runSession(
  session: StreamSession,
  channels: RemoteCommandChannels,
  action: string,
): Promise<void> {
  const { stdin } = channels
  if (stdin) {
    // A command that ends or closes its input while the client still types is no failure.
    void pipeline(stdin, session.stdin).catch(() => undefined)
  }
  channels.onResize((size) => session.resize(size))
  const ended = Promise.all([
    session.exit,
    pump(session.stdout, channels.stdout),
    pump(session.stderr, channels.stderr),
  ]).then(
    ([code]) => exitStatus(code),
    (error: unknown) => failureStatus(error, action),
  )
  const status = await Promise.race([ended, channels.closed])
  if (status) await channels.finish(status)
  session.close()
}

async function pump(source: Readable, target: Writable | undefined): Promise<void> {
  if (target) {
    await pipeline(source, target)
    return
  }
  // Unasked output must flow away, or the command would block on it.
  source.resume()
}

/** The final Status of a command (upstream: kubelet's remotecommand server). */
function exitStatus(code: number | undefined): Partial<Status> & Pick<Status, 'status'> {
  if (!code) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

function failureStatus(error: unknown, action: string): Status {
  if (error instanceof StatusError) return error.status
  return internalError(`${action}: ${error instanceof Error ? error.message : String(error)}`).status
}
