import type { DaemonSet, DaemonSetStatus } from '../../api/generated/apps-v1.ts'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { isPodReady } from '../kit/pod-state.ts'
import { withoutZeros } from '../kit/without-zeros.ts'
import type { DaemonState } from './daemon-state.ts'

/** Counts over all nodes (upstream: updateDaemonSetStatus). */
export function countedStatus(state: DaemonState, collisionCount: number | undefined): DaemonSetStatus {
  const { set } = state
  const status = {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
    updatedNumberScheduled: 0,
    numberAvailable: 0,
    numberUnavailable: 0,
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
  }
  for (const node of state.nodes) {
    const pods = state.podsByNode.get(node.metadata.name) ?? []
    // Of several on a node the oldest counts.
    const [oldest] = pods
    if (!state.verdictOf(node).shouldRun) {
      if (oldest) status.numberMisscheduled += 1
      continue
    }
    status.desiredNumberScheduled += 1
    if (!oldest) continue
    status.currentNumberScheduled += 1
    if (isPodReady(oldest)) status.numberReady += 1
    if (state.isAvailable(oldest)) status.numberAvailable += 1
    if (state.isUpdated(oldest)) status.updatedNumberScheduled += 1
  }
  status.numberUnavailable = status.desiredNumberScheduled - status.numberAvailable
  return status
}

/** Writes the status when it differs from the stored one. */
export async function writeStatus(client: Client, set: DaemonSet, next: DaemonSetStatus): Promise<void> {
  const status = withoutZeros(next, ['updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'])
  if (deepEqual(set.status, status)) return
  await client.updateStatus(resources.daemonSets, { ...set, status })
}
