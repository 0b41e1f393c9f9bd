/**
 * Something that is prepared on demand and may fail until its surroundings are right: calls share one attempt, a success
 * is kept, a failure is forgotten so that the next call tries again.
 */
export interface OnceReady<T> {
  get(): Promise<T>
  /** The prepared value; undefined before the first success. */
  readonly value: T | undefined
}

/** Wraps `prepare`. */
export function onceReady<T>(prepare: () => Promise<T>): OnceReady<T> {
  let attempt: Promise<T> | undefined
  let value: T | undefined
  return {
    get() {
      attempt ??= prepare().then(
        (result) => (value = result),
        (error: unknown) => {
          attempt = undefined
          throw error
        },
      )
      return attempt
    },
    get value() {
      return value
    },
  }
}
