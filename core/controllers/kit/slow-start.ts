/**
 * Runs `task` `count` times in batches of 1, 2, 4 … and stops after the first batch with a failure, so that something
 * that cannot succeed is not tried hundreds of times (upstream: slowStartBatch). Tells how many succeeded, how many were
 * never tried, and the first error.
 */
export async function slowStartBatch(
  count: number,
  task: () => Promise<void>,
): Promise<{ succeeded: number; skipped: number; error?: unknown }> {
  let remaining = count
  let succeeded = 0
  for (let size = Math.min(remaining, 1); size > 0; size = Math.min(size * 2, remaining)) {
    const results = await Promise.allSettled(Array.from({ length: size }, task))
    const failed = results.filter((result) => result.status === 'rejected')
    succeeded += size - failed.length
    remaining -= size
    const [first] = failed
    if (first) return { succeeded, skipped: remaining, error: first.reason as unknown }
  }
  return { succeeded, skipped: 0 }
}
