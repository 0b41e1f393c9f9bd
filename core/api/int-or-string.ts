/**
 * An int-or-percent scaled against `total` (upstream: intstr.GetScaledValueFromIntOrPercent). Percentages round up or
 * down as asked; absent counts as 0; text that is no percentage gives undefined.
 */
export function scaledValue(
  value: number | string | undefined,
  total: number,
  round: 'up' | 'down',
): number | undefined {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const match = /^(\d+)%$/.exec(value)
  if (!match) return undefined
  const exact = (Number(match[1]) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}
