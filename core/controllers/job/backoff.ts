import type { Pod } from '../../api/generated/core-v1.ts'
import { failuresBefore } from './indexes.ts'
import { finishedAt } from './job-pods.ts'

/** Upstream: DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff. */
const firstMs = 10_000
const maxMs = 600_000

/** How often pods of a Job failed since one of them last succeeded. */
export interface BackoffRecord {
  failures: number
  /** Milliseconds since the epoch. */
  lastFailureAt: number
}

export const noFailures: BackoffRecord = { failures: 0, lastFailureAt: 0 }

/** The record with newly finished pods (upstream: backoffStore.newBackoffRecord). */
export function withFinished(record: BackoffRecord, succeeded: Pod[], failed: Pod[]): BackoffRecord {
  const failures = failed.map(finishedAt)
  const lastSuccess = succeeded.length > 0 ? Math.max(...succeeded.map(finishedAt)) : undefined
  if (lastSuccess === undefined) {
    if (failures.length === 0) return record
    return { failures: record.failures + failures.length, lastFailureAt: Math.max(...failures) }
  }
  const later = failures.filter((at) => at > lastSuccess)
  return later.length === 0 ? noFailures : { failures: later.length, lastFailureAt: Math.max(...later) }
}

/** Milliseconds until the next pod may be created: 10 s after a failure, doubling to 10 minutes. */
export function remainingMs({ failures, lastFailureAt }: BackoffRecord, now: number): number {
  if (failures === 0) return 0
  return Math.max(0, lastFailureAt + Math.min(firstMs * 2 ** (failures - 1), maxMs) - now)
}

/** The same for one index, from the pod that is to be replaced. */
export function remainingForIndexMs(replaced: Pod | undefined, now: number): number {
  if (!replaced) return 0
  return remainingMs({ failures: failuresBefore(replaced) + 1, lastFailureAt: finishedAt(replaced) }, now)
}
