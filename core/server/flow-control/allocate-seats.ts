/** What a priority level may get: at least `lower`, at most `upper`, in proportion to `target` between them. */
export interface SeatClaim {
  lower: number
  upper: number
  target: number
}

const minTarget = 0.001

/**
 * Shares out `total` seats: each claim gets the same fraction of its target, but no less than its lower and no more than
 * its upper bound. Undefined when the bounds do not allow it. (What upstream's conc_alloc.go computes; found here by
 * halving, since the sum only grows with the fraction.)
 */
export function allocateSeats(
  total: number,
  claims: readonly SeatClaim[],
): { seats: number[]; fraction: number } | undefined {
  const lowest = claims.reduce((sum, { lower }) => sum + lower, 0)
  const highest = claims.reduce((sum, { upper }) => sum + upper, 0)
  if (lowest > total || highest < total) return undefined
  const at = (fraction: number): number[] =>
    claims.map(({ lower, upper, target }) =>
      Math.max(lower, Math.min(upper, fraction * Math.max(target, minTarget))),
    )
  let low = 0
  let high = Math.max(...claims.map(({ upper, target }) => upper / Math.max(target, minTarget)), 0)
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2
    const sum = at(middle).reduce((all, seats) => all + seats, 0)
    if (sum < total) low = middle
    else high = middle
  }
  return { seats: at(high), fraction: high }
}
