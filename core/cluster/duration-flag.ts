import { parseDuration } from '../cel/values/time.ts'
import { UsageError } from './usage-error.ts'

/** In milliseconds, of what Go writes as `1m30s`. Throws UsageError. */
export function durationOf(flag: string, text: string): number {
  const duration = parseDuration(text)
  if (!duration || duration.nanos < 0n) {
    throw new UsageError(`--${flag} "${text}": must be a duration such as 1m30s`)
  }
  return Number(duration.nanos / 1_000_000n)
}
