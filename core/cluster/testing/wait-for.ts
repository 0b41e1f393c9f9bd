/**
 * Calls `check` until it gives something other than undefined or false, or throws its last error after 30 seconds: far more
 * than a busy machine needs, so that a failure means that it never would.
 */
export async function waitFor<T>(check: () => T | Promise<T>, timeoutMs = 30_000): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs
  for (;;) {
    let problem: Error | undefined
    try {
      const value = await check()
      if (value !== undefined && value !== false && value !== null) return value
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error))
    }
    if (performance.now() > end)
      throw problem ?? new Error(`not true within ${timeoutMs} ms: ${check.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
