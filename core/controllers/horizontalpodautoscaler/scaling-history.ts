/** A replica count that the metrics asked for at some time (ms since the epoch). */
export interface Recommendation {
  at: number
  replicas: number
}

/** By how many replicas a target was changed at some time; always positive. */
export interface ScaleEvent {
  at: number
  change: number
}

/** What an autoscaler remembers between two looks; lost with the process, as upstream's is. */
export interface ScalingHistory {
  recommendations: Recommendation[]
  ups: ScaleEvent[]
  downs: ScaleEvent[]
}

/** The history of an autoscaler that is seen for the first time: what runs now was right so far. */
export function newHistory(replicas: number, now: number): ScalingHistory {
  return { recommendations: [{ at: now, replicas }], ups: [], downs: [] }
}

/** The longest period that a policy can have. */
const longestPeriodMs = 1_800_000

/** The events with one more, without those that no policy can ask about any more. */
export function withEvent(events: ScaleEvent[], event: ScaleEvent): ScaleEvent[] {
  return [...events.filter(({ at }) => at > event.at - longestPeriodMs), event]
}

/** How many replicas were added or removed within the last `periodSeconds`. */
export function changeWithin(events: ScaleEvent[], periodSeconds: number, now: number): number {
  const cutoff = now - periodSeconds * 1000
  return events.reduce((sum, { at, change }) => (at > cutoff ? sum + change : sum), 0)
}
