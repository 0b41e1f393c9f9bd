/** Runs tasks with at most `width` at once, in the order they were asked for. */
export interface Limiter {
  run<T>(task: () => Promise<T>): Promise<T>
}

/** A limiter of the given width; a failing task frees its place. */
export function createLimiter(width: number): Limiter {
  let running = 0
  const waiting: Array<() => void> = []
  return {
    async run(task) {
      if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve))
      else running++
      try {
        return await task()
      } finally {
        const next = waiting.shift()
        // The place is handed over, so `running` stays; without a successor it is given back.
        if (next) next()
        else running--
      }
    },
  }
}
