import { findCondition, observedGenerationOf } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Candidate } from './candidate.ts'

const reason = 'PreemptionByScheduler'

/**
 * Deletes the victims, each first marked with a DisruptionTarget condition, and says so in an event about each (upstream:
 * preemption.Executor). Victims that are gone by then are no error; the first other failure is thrown when all are tried.
 */
export async function evictVictims(
  preemptor: PodInfo,
  { node, victims }: Candidate,
  { client, clock, recorder }: { client: Client; clock: Clock; recorder: EventRecorder },
): Promise<void> {
  const message = `Preempted by pod ${preemptor.pod.metadata.uid ?? ''} on node ${node.name}`
  const results = await Promise.allSettled(
    victims.map(async (victim) => {
      try {
        await mark(preemptor, victim, { client, clock })
        await remove(victim, client)
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return
        throw error
      }
      recorder.record(referenceTo(resources.pods, victim.pod), {
        type: 'Normal',
        reason: 'Preempted',
        message,
        action: 'Preempting',
        related: referenceTo(resources.pods, preemptor.pod),
      })
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function mark(
  { pod }: PodInfo,
  victim: PodInfo,
  { client, clock }: { client: Client; clock: Clock },
): Promise<void> {
  const { name, namespace = '', uid } = victim.pod.metadata
  const known = findCondition(victim.pod.status?.conditions, 'DisruptionTarget')
  if (known?.status === 'True' && known.reason === reason) return
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message: `${pod.spec.schedulerName ?? ''}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: rfc3339(clock.now()),
    ...observedGenerationOf(victim.pod),
  }
  const body = { metadata: { uid }, status: { conditions: [condition] } }
  await client.patch(resources.pods, { namespace, name }, { type: 'strategic', subresource: 'status', body })
}

async function remove({ pod }: PodInfo, client: Client): Promise<void> {
  const { name, namespace = '', uid = '' } = pod.metadata
  await client.delete(resources.pods, { namespace, name }, { preconditions: { uid } })
}
