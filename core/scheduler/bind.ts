import { findCondition, observedGenerationOf } from '../api/conditions.ts'
import type { Binding, Pod } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { patchPodStatus } from '../client/pod-status.ts'
import { rfc3339, type Clock } from '../util/clock.ts'

/** Assigns a pod to a node through `pods/binding`; fails when the pod is gone, replaced or assigned already. */
export async function bindPod(client: Client, pod: Pod, nodeName: string): Promise<void> {
  const { name, namespace = '', uid } = pod.metadata
  const binding: Binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, ...(uid === undefined ? {} : { uid }) },
    target: { kind: 'Node', name: nodeName },
  }
  await client.createSubresource(resources.pods, { namespace, name, subresource: 'binding' }, binding)
}

/** Why a pod has no node. */
export interface SchedulingFailure {
  reason: 'Unschedulable' | 'SchedulerError'
  message: string
  /** The node where room is made for it; empty when none is any more; absent when nothing changes in that. */
  nominatedNodeName?: string
}

/** Says in the pod's PodScheduled condition why it has no node; written only when that is news. */
export async function reportUnschedulable(
  { client, clock }: { client: Client; clock: Clock },
  pod: Pod,
  { reason, message, nominatedNodeName }: SchedulingFailure,
): Promise<void> {
  const current = findCondition(pod.status?.conditions, 'PodScheduled')
  const nominated = pod.status?.nominatedNodeName ?? ''
  const isNominationNews = nominatedNodeName !== undefined && nominatedNodeName !== nominated
  const isKnown = current?.status === 'False' && current.reason === reason && current.message === message
  if (isKnown && !isNominationNews) return
  const since = current?.status === 'False' ? current.lastTransitionTime : undefined
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    ...observedGenerationOf(pod),
    lastTransitionTime: since ?? rfc3339(clock.now()),
  }
  const nomination = isNominationNews ? { nominatedNodeName: nominatedNodeName || null } : {}
  await patchPodStatus(client, pod, { conditions: [condition], ...nomination })
}

/** Tells where the pod will be once all it needs there is ready (upstream: NominatedNodeNameForExpectation). */
export async function nominate(client: Client, pod: Pod, nodeName: string): Promise<void> {
  if (pod.status?.nominatedNodeName === nodeName) return
  await patchPodStatus(client, pod, { nominatedNodeName: nodeName })
}

/** Takes back that room is made for the pod on a node. */
export async function clearNomination(client: Client, pod: Pod): Promise<void> {
  await patchPodStatus(client, pod, { nominatedNodeName: null })
}
