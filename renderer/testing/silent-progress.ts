import type { ActionProgress } from '../kit/action.ts'

/** For actions whose dialog no test looks at. */
export const silentProgress: ActionProgress = {
  say: () => undefined,
  signal: new AbortController().signal,
}
