/** What was thrown as an Error, the very same when it is one; for throwing it on later. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
