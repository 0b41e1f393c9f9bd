import type { LimitInput, Limited } from './scaling-limits.ts'

const stabilizedUp = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
}
const stabilizedDown = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
}
const ready = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }

/**
 * Remembers a recommendation and answers with one that goes by the recent ones too: scaling up by the lowest within the
 * window for that, down by the highest (upstream: stabilizeRecommendationWithBehaviors). Without a window for scaling up
 * this is upstream's stabilizeRecommendation.
 */
export function stabilize(input: LimitInput, windows: { upMs: number; downMs: number }): Limited {
  const { current, desired, history, now } = input
  const within = (windowMs: number): number[] =>
    history.recommendations.flatMap(({ at, replicas }) => (at > now - windowMs ? [replicas] : []))
  const lowest = Math.min(desired, ...within(windows.upMs))
  const highest = Math.max(desired, ...within(windows.downMs))
  const replicas = Math.min(Math.max(current, lowest), highest)
  const oldest = now - Math.max(windows.upMs, windows.downMs)
  history.recommendations = history.recommendations.filter(({ at }) => at >= oldest)
  history.recommendations.push({ at: now, replicas: desired })
  if (replicas === desired) return { replicas, ...ready }
  return { replicas, ...(desired >= current ? stabilizedUp : stabilizedDown) }
}
