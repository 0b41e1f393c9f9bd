import { allocateSeats } from './allocate-seats.ts'
import type { PriorityLevel } from './priority-level.ts'

/**
 * Adjusts the seats of all levels to what they wanted of late: what a level does not use others may borrow, within
 * everybody's bounds (upstream: apf_controller.go updateBorrowingLocked). Gives the fair fraction.
 */
export function borrowSeats(levels: readonly PriorityLevel[]): number {
  const total = levels.reduce((sum, { nominal }) => sum + nominal, 0)
  for (const level of levels) level.takeFigures()
  let remaining = total
  for (const level of levels) {
    if (!level.isExempt) continue
    const seats = Math.max(level.least, level.figures.highWatermark)
    level.target = seats
    level.setSeats(seats)
    remaining -= seats
  }
  const limited = levels.filter(({ isExempt }) => !isExempt)
  const lowers = limited.map(({ least, nominal, figures }) =>
    Math.max(least, Math.min(nominal, figures.highWatermark)),
  )
  limited.forEach((level, at) => (level.target = Math.max(lowers[at]!, level.figures.smoothed)))
  const leastSum = limited.reduce((sum, { least }) => sum + least, 0)
  const lowerSum = lowers.reduce((sum, seats) => sum + seats, 0)
  if (remaining <= leastSum) {
    for (const level of limited) level.setSeats(level.least)
    return 0
  }
  if (remaining <= lowerSum) {
    const part = (remaining - leastSum) / (lowerSum - leastSum)
    limited.forEach((level, at) =>
      level.setSeats(level.least + Math.round((lowers[at]! - level.least) * part)),
    )
    return 0
  }
  const claims = limited.map(({ most, target }, at) => ({ lower: lowers[at]!, upper: most, target }))
  const allocated = allocateSeats(total, claims)
  limited.forEach((level, at) => level.setSeats(Math.round(allocated?.seats[at] ?? level.current)))
  return allocated?.fraction ?? 0
}
