import type { CronJob } from '../../api/generated/batch-v1.ts'
import type { CronSchedule } from '../../util/cron-schedule.ts'

/** More missed runs than this are worth a warning (upstream: manyMissed). */
const many = 100

export interface DueRun {
  /** The latest run that is due, in milliseconds since the epoch; undefined when none is. */
  at: number | undefined
  hasManyMissed: boolean
}

/**
 * The run that is due: of all that were missed since the last one only the latest, and none from before the starting
 * deadline (upstream: mostRecentScheduleTime).
 */
export function dueRun(object: CronJob, schedule: CronSchedule, now: number): DueRun {
  const { spec, status, metadata } = object
  const last = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '')
  const deadline = spec.startingDeadlineSeconds
  const earliest = deadline === undefined ? last : Math.max(last, now - Number(deadline) * 1000)
  const at = schedule.latest(earliest, now)
  if (at === undefined) return { at, hasManyMissed: false }
  const first = schedule.next(earliest) ?? at
  const second = schedule.next(first) ?? at
  const missed = second > first ? Math.floor((now - first) / (second - first)) + 1 : 1
  return { at, hasManyMissed: missed > many }
}
