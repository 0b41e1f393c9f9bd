/** An age the way kubectl writes it: `45s`, `3m20s`, `2h`, `5d3h` (upstream: apimachinery/pkg/util/duration). */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest([minutes, 'm'], [seconds % 60, 's'])
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return withRest([hours, 'h'], [minutes % 60, 'm'])
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (days < 8) return withRest([days, 'd'], [hours % 24, 'h'])
  if (days < 730) return `${days}d`
  return withRest([Math.floor(days / 365), 'y'], [days % 365, 'd'])
}

type Part = [value: number, unit: string]

function withRest([value, unit]: Part, [rest, restUnit]: Part): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`
}
