import { join } from 'node:path'
import { createStream } from 'rotating-file-stream'
import { createLogger, type Logger, type LogSink } from '../util/logger.ts'

/**
 * The process's log: JSON lines on stderr and in `<directory>/logs/wheelhouse.log`, rotated at 10 MB with five old files
 * kept (rotating-file-stream: a small, long-kept library for just this). `close` flushes the file.
 */
export function openLog(directory: string, level: string): { log: Logger; close(): Promise<void> } {
  const file = createStream('wheelhouse.log', {
    path: join(directory, 'logs'),
    size: '10M',
    maxFiles: 5,
    mode: 0o600,
  })
  // A full disk must not end the cluster; the lines still go to stderr.
  file.on('error', () => undefined)
  const sinks: LogSink[] = [process.stderr, { write: (line) => void file.write(line) }]
  return {
    log: createLogger({ level, sinks }),
    close: () => new Promise((resolve) => file.end(() => resolve())),
  }
}
