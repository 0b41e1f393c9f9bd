/**
 * Calls `check` until it returns a value other than undefined or false, and gives that back. An error it throws counts
 * as "not yet"; after `timeoutMs` the last one is thrown. For conditions in other processes, where nothing can be awaited.
 */
export async function eventually<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 90_000,
): Promise<T> {
  const end = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await check()
      if (value !== undefined && value !== false) return value
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > end) {
      throw new Error(
        `not within ${timeoutMs} ms: ${what}${last instanceof Error ? `: ${last.message}` : ''}`,
        {
          cause: last,
        },
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
