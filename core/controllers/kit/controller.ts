import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { InformerFactory } from '../../client/informer-factory.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { WorkQueueObserver } from './workqueue.ts'

/** What every controller is made from. */
export interface ControllerDependencies {
  client: Client
  informers: InformerFactory
  clock: Clock
  log: Logger
  /** A recorder of Events under a component's name, e.g. `replicaset-controller`. */
  recorder: (component: string) => EventRecorder
  /** Who is told what happens in a controller's queue; left out, nobody. */
  observeQueue?: (name: string) => WorkQueueObserver
  /** For jitter and tie-breaking; default Math.random. */
  random?: () => number
}

/** A running or startable control loop. */
export interface Controller {
  readonly name: string
  /** Waits for its informers' first lists, then works; resolves when it works. Later calls do nothing. */
  start(): Promise<void>
  /** Ends; resolves when nothing is being processed any more. */
  stop(): Promise<void>
}

/** Thrown by a reconcile that would fail again whatever it tries: logged, not retried until the object changes. */
export class TerminalError extends Error {}
