import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Clock } from '../../util/clock.ts'
import { clearNomination } from '../bind.ts'
import type { FilterContext } from '../filter-run.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Attempt } from '../schedule-one.ts'
import type { Candidate } from './candidate.ts'
import { evictVictims } from './evict-victims.ts'
import { findPreemption, type PreemptionOutcome } from './preemption.ts'

export interface PreemptorOptions extends Omit<FilterContext, 'filters'> {
  client: Client
  clock: Clock
  /** The budgets known now; none when the API does not serve them. */
  budgets: () => readonly PodDisruptionBudget[]
  random: () => number
}

/** Makes room for pods by evicting less important ones, and remembers whose eviction is on its way. */
export interface Preemptor {
  find(pod: PodInfo, attempt: Attempt, filters: FilterContext['filters']): PreemptionOutcome
  /** Nominates the pod for the candidate's node; pods of lower priority lose their nomination for it. */
  nominate(pod: PodInfo, candidate: Candidate): PodInfo[]
  /** Evicts the victims, and tells the API of nominations that were lost. Fails with the first failure. */
  evict(
    pod: PodInfo,
    candidate: Candidate,
    options: { recorder: EventRecorder; losers: PodInfo[] },
  ): Promise<void>
  /** The pod is gone: nothing about it is remembered any more. */
  forget(uid: string): void
}

/** A preemptor over the cluster as the scheduler sees it. */
export function createPreemptor(options: PreemptorOptions): Preemptor {
  const { client, clock, cluster, nominator, budgets, random } = options
  const evicting = new Set<string>()
  const uidOf = ({ pod }: PodInfo): string => pod.metadata.uid ?? ''

  return {
    find: (pod, attempt, filters) =>
      findPreemption(pod, attempt, {
        filters,
        cluster,
        nominator,
        budgets: budgets(),
        isBeingEvicted: (info) => evicting.has(uidOf(info)),
        random,
      }),
    nominate(pod, { node, victims }) {
      for (const victim of victims) evicting.add(uidOf(victim))
      const losers = nominator.on(node.name).filter(({ priority }) => priority < pod.priority)
      for (const { key } of losers) nominator.delete(key)
      nominator.set(pod, node.name)
      return losers
    },
    async evict(pod, candidate, { recorder, losers }) {
      try {
        await evictVictims(pod, candidate, { client, clock, recorder })
      } catch (error) {
        for (const victim of candidate.victims) evicting.delete(uidOf(victim))
        throw error
      }
      for (const loser of losers) await clearNomination(client, loser.pod)
    },
    forget: (uid) => void evicting.delete(uid),
  }
}
