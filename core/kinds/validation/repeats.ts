/** The positions of values that are there before already; lists may be long, so nothing is searched for. */
export function repeats(values: readonly unknown[]): ReadonlySet<number> {
  const seen = new Set<unknown>()
  const repeated = new Set<number>()
  for (const [at, value] of values.entries()) {
    if (seen.has(value)) repeated.add(at)
    else seen.add(value)
  }
  return repeated
}
