/** Lets work on the same key go one after the other. */
export interface Turns {
  /** Whether somebody has the turn or waits for it. */
  isTaken(key: string): boolean
  /** Runs `work` once everyone who asked before is through. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** Creates turns; nothing is kept of a key that nobody works on. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>()
  return {
    isTaken: (key) => last.has(key),
    async take(key, work) {
      const before = last.get(key)
      const { promise, resolve } = Promise.withResolvers<void>()
      last.set(key, promise)
      try {
        await before
        return await work()
      } finally {
        if (last.get(key) === promise) last.delete(key)
        resolve()
      }
    },
  }
}
