import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { createStream } from 'rotating-file-stream'
import type { AuditOptions } from '../server/audit/auditor.ts'
import { parseAuditPolicy } from '../server/audit/policy.ts'
import type { Logger } from '../util/logger.ts'
import type { AuditLogOptions } from './options.ts'

/**
 * Reads the audit policy and opens the log: JSON lines in a file that only its owner may read, rotated by size, or on
 * stdout. `close` flushes the file. Throws an Error that names the file when the policy cannot be used.
 */
export function openAuditLog(
  options: AuditLogOptions,
  log: Logger,
): AuditOptions & { close(): Promise<void> } {
  const { policyFile, logPath, maxSizeMegabytes, maxBackups } = options
  const policy = readPolicy(policyFile)
  if (logPath === '-') {
    return { policy, write: (line) => void process.stdout.write(line), close: async () => undefined }
  }
  const file = createStream(basename(logPath), {
    path: dirname(logPath),
    size: `${maxSizeMegabytes}M`,
    ...(maxBackups > 0 ? { maxFiles: maxBackups } : {}),
    mode: 0o600,
  })
  // Requests are served on when the disk is full, as upstream's log backend does.
  file.on('error', (error: Error) => log.error('audit log cannot be written', { error }))
  return {
    policy,
    write: (line) => void file.write(line),
    close: () => new Promise((resolve) => file.end(() => resolve())),
  }
}

function readPolicy(file: string): AuditOptions['policy'] {
  try {
    return parseAuditPolicy(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`--audit-policy-file "${file}": ${(error as Error).message}`, { cause: error })
  }
}
