/** Time as a dependency: nothing else in core may call Date.now, setTimeout or setInterval for its behaviour. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `task` once after `delayMs`; dispose cancels. Does not keep the process alive. */
  after(delayMs: number, task: () => void): Disposable
  /** Runs `task` every `periodMs` until disposed. */
  every(periodMs: number, task: () => void): Disposable
}

/** The machine's clock. Delays beyond setTimeout's range (about 24 days) are cut to it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), 2 ** 31 - 1))
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
  every(periodMs, task) {
    const timer = setInterval(task, periodMs)
    timer.unref()
    return { [Symbol.dispose]: () => clearInterval(timer) }
  },
}

/** A busy server asks many times within each second. */
let lastSecond: number | undefined
let lastText = ''

/** RFC 3339 with whole seconds, as metav1.Time prints: `2026-01-02T03:04:05Z`. */
export function rfc3339(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000)
  if (second !== lastSecond) {
    lastText = `${new Date(milliseconds).toISOString().slice(0, -5)}Z`
    lastSecond = second
  }
  return lastText
}

/** RFC 3339 with microseconds, as metav1.MicroTime prints. */
export function rfc3339Micro(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/(\.\d{3})Z$/, '$1000Z')
}
