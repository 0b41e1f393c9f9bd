import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Clock } from '../../util/clock.ts'

/** What the steps of a rollout work with. */
export interface RolloutContext {
  client: Client
  recorder: EventRecorder
  clock: Clock
}
