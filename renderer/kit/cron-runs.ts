import { Cron } from 'croner'
import { retryImport } from '../client/retry-import.ts'
import type { Language } from '../i18n/i18n.ts'

/** The next `count` times a schedule comes, after `from` (ms); none where it is of a kind that has no fixed times (`@every`). */
export function nextRuns(
  schedule: string,
  timeZone: string | undefined,
  from: number,
  count: number,
): number[] {
  try {
    const cron = new Cron(schedule.replaceAll('?', '*'), { timezone: timeZone ?? 'UTC', paused: true })
    return cron.nextRuns(count, new Date(from)).map((run) => run.getTime())
  } catch {
    return []
  }
}

/** A schedule as one would say it, in the page's language; '' where nobody can (`@every 90m` says it itself). */
export async function scheduleInWords(schedule: string, language: Language): Promise<string> {
  // cronstrue speaks Korean and English; it is fetched when a schedule is first looked at.
  const [{ default: cronstrue }] = await Promise.all([
    retryImport(() => import('cronstrue')),
    language === 'ko' ? retryImport(() => import('cronstrue/locales/ko.js')) : undefined,
  ])
  try {
    return cronstrue.toString(schedule, { locale: language, use24HourTimeFormat: true })
  } catch {
    return ''
  }
}
