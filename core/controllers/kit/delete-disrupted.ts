import { observedGenerationOf } from '../../api/conditions.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { patchPodStatus } from '../../client/pod-status.ts'
import { deleteObject } from '../../client/delete-object.ts'

/** Deletes a pod that has done nothing wrong, after its condition DisruptionTarget says why. Done where it is gone already. */
export async function deleteDisrupted(
  client: Client,
  pod: Pod,
  why: { reason: string; message: string; now: string },
): Promise<void> {
  const { now: lastTransitionTime, ...rest } = why
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    ...rest,
    ...observedGenerationOf(pod),
    lastTransitionTime,
  }
  await patchPodStatus(client, pod, { conditions: [condition] })
  await deleteObject(client, resources.pods, pod)
}
