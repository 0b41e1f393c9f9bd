import type { Client } from '../client/client.ts'
import { createLeaderElection } from '../client/leader-election.ts'
import type { Explanation } from '../api/scheduling.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Agents } from './agents.ts'

/** The one election of a cluster: controllers and scheduler go together, as they are one program here. */
export const leaderLease = { namespace: 'kube-system', name: 'wheelhouse-controllers' }

/** Control loops that run only while this process leads. */
export interface LeadingAgents {
  /** Resolves once the loops work, or another process is known to lead. */
  start(): Promise<void>
  /** Ends the loops, and lets another process lead. */
  stop(): Promise<void>
  /** How the latest attempt to place a pod (`namespace/name`) went; undefined when forgotten, or while another leads. */
  explainScheduling(podKey: string): Explanation | undefined
}

/** Makes new loops by `create` for every term, one after another. */
export function createLeadingAgents(options: {
  client: Client
  /** Unlike that of any other process that may be alive. The same as before after a restart, where nobody else can be. */
  identity: string
  create: () => Agents
  /** Told whether this process leads. */
  onLeading?: (leads: boolean) => void
  clock: Clock
  log: Logger
}): LeadingAgents {
  const { log, onLeading } = options
  onLeading?.(false)
  let agents: Agents | undefined
  let turn: Promise<void> = Promise.resolve()
  const next = (work: () => Promise<void>): void => {
    turn = turn
      .then(work)
      .catch((error: unknown) => log.error('controllers could not be switched', { error }))
  }
  const election = createLeaderElection({
    ...options,
    lease: leaderLease,
    onStarted: () => {
      onLeading?.(true)
      next(async () => {
        agents = options.create()
        await agents.start()
      })
    },
    onStopped: () => {
      onLeading?.(false)
      next(async () => {
        await agents?.stop()
        agents = undefined
      })
    },
  })
  return {
    async start() {
      await election.start()
      await turn
    },
    async stop() {
      await election.stop(() => turn)
    },
    explainScheduling: (podKey) => agents?.scheduler.explain(podKey),
  }
}
