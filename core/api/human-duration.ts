/**
 * A length of time as kubectl shows ages: `45s`, `5m`, `5m30s`, `3h`, `47h`, `2d3h`, `1y20d` (upstream:
 * apimachinery/pkg/util/duration HumanDuration). Two seconds of clock skew count as `0s`, more as `<invalid>`.
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest(`${minutes}m`, seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return withRest(`${hours}h`, minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 24 * 8) return withRest(`${days}d`, hours % 24, 'h')
  if (days < 365 * 2) return `${days}d`
  const years = Math.floor(days / 365)
  return days < 365 * 8 ? withRest(`${years}y`, days % 365, 'd') : `${years}y`
}

function withRest(main: string, rest: number, unit: string): string {
  return rest === 0 ? main : `${main}${rest}${unit}`
}

/** The age of a time stamp (RFC 3339) at `now`, `<unknown>` when there is none. */
export function humanAge(timestamp: string | undefined, now: number): string {
  const time = timestamp ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(time) ? '<unknown>' : humanDuration(now - time)
}
