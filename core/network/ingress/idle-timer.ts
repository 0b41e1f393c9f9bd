import type { Clock } from '../../util/clock.ts'

/** Fires once when nothing has happened for long enough. */
export interface IdleTimer extends Disposable {
  /** Something happened. Cheap: called for each piece of data. */
  touch(): void
}

/** `limitMs` is asked anew whenever the time seems to be over. Ends by itself once it has fired. */
export function createIdleTimer(clock: Clock, limitMs: () => number, onIdle: () => void): IdleTimer {
  let last = clock.now()
  let timer: Disposable | undefined

  function arm(delayMs: number): void {
    timer = clock.after(delayMs, () => {
      const left = last + limitMs() - clock.now()
      if (left > 0) arm(left)
      else onIdle()
    })
  }

  arm(limitMs())
  return {
    touch: () => void (last = clock.now()),
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  }
}
