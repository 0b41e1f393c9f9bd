import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { patchPodStatus } from '../../client/pod-status.ts'

/** Deletes a pod that has done nothing wrong, after its condition DisruptionTarget says why. Done where it is gone already. */
export async function deleteDisrupted(
  client: Client,
  pod: Pod,
  why: { reason: string; message: string; now: string },
): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata
  const { now: lastTransitionTime, ...rest } = why
  const condition = { type: 'DisruptionTarget', status: 'True', ...rest, lastTransitionTime }
  await patchPodStatus(client, pod, { conditions: [condition] })
  try {
    await client.delete(
      resources.pods,
      { namespace, name },
      uid === undefined ? {} : { preconditions: { uid } },
    )
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
