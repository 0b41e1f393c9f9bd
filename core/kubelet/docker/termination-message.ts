import type Docker from 'dockerode'
import { text } from 'node:stream/consumers'
import type { Clock } from '../../util/clock.ts'
import type { ContainerSpec } from '../runtime/specs.ts'
import type { EngineCall } from './engine-call.ts'
import { label } from './labels.ts'
import { openLogs } from './logs.ts'
import { readContainerFile } from './read-file.ts'

/** Upstream's limits: kubecontainer.MaxContainerTerminationMessage*. */
const longestMessage = 4096
const longestLogMessage = 2048
const logLines = 80

/** The volume of each pod whose files are its containers' termination messages. No pod volume can have this name. */
export const messageVolume = '_messages'

/** Name of a container's message file in that volume. */
export function messageFile(spec: { name: string; attempt: number }): string {
  return `${spec.name}_${spec.attempt}`
}

/** What of a container's message is kept in its labels, under dockershim's names. */
export function messageLabels(spec: ContainerSpec): Record<string, string> {
  if (!spec.terminationMessage) return {}
  const { path, fallBackToLogs } = spec.terminationMessage
  return {
    [label.messagePath]: path,
    [label.messagePolicy]: fallBackToLogs ? 'FallbackToLogsOnError' : 'File',
  }
}

interface MessageReader {
  docker: Docker
  call: EngineCall
  clock: Clock
}

/**
 * What a container that ended left as its last message: the end of its message file, or of its log when that is empty,
 * the policy allows it and the exit code is not 0 (upstream: kuberuntime getTerminationMessage). Empty when there is none.
 */
export async function readTerminationMessage(
  reader: MessageReader,
  info: { Id: string; Config: { Labels: Record<string, string>; Tty: boolean }; State: { ExitCode: number } },
): Promise<string> {
  const path = info.Config.Labels[label.messagePath]
  if (path === undefined) return ''
  // The container may have removed the file, or never got one.
  const message = await readContainerFile(reader, { id: info.Id, path, longest: longestMessage })
  const usesLog = info.Config.Labels[label.messagePolicy] === 'FallbackToLogsOnError'
  if (message.length > 0 || !usesLog || info.State.ExitCode === 0) return message.toString()
  const log = await openLogs(
    reader,
    { id: info.Id, tty: info.Config.Tty },
    { follow: false, tailLines: logLines, timestamps: false, signal: new AbortController().signal },
  )
  return Buffer.from(await text(log))
    .subarray(-longestLogMessage)
    .toString()
}
