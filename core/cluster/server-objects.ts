import type { Client } from '../client/client.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { StartedPart } from './health-checks.ts'
import { createLegacyTokenTracking } from './legacy-token-tracking.ts'
import { createServerIdentity } from './server-identity.ts'

/** The objects that an API server keeps true as long as it runs. */
export interface ServerObjects {
  /** Resolves once they are there. The system's namespaces must be, too. */
  start(): Promise<void>
  /** Whether the server is about to end. */
  readonly isClosing: boolean
  close(): Promise<void>
}

/** Keeps its Lease and the tracking of legacy tokens; each is noted in `started` once it is there. */
export function createServerObjects(options: {
  client: Client
  started: Set<StartedPart>
  clock: Clock
  log: Logger
}): ServerObjects {
  const { client, started, clock, log } = options
  const identity = createServerIdentity({ client, clock, log: log.child('identity') })
  const tokenTracking = createLegacyTokenTracking({ client, clock, log: log.child('token-tracking') })
  let isClosing = false
  return {
    async start() {
      await identity.start()
      started.add('identity')
      await tokenTracking.start()
      started.add('tokenTracking')
    },
    get isClosing() {
      return isClosing
    },
    async close() {
      isClosing = true
      tokenTracking[Symbol.dispose]()
      await identity.close()
    },
  }
}
