import type { Pod } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { isNotFound } from '../api/status.ts'
import type { Client } from './client.ts'

/**
 * Merges `status` into the status of this very pod: conditions by their type, null takes a field away (strategic merge). A pod
 * that is gone is left alone; another one of its name is a conflict.
 */
export async function patchPodStatus(client: Client, pod: Pod, status: object): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata
  const body = { metadata: { uid }, status }
  try {
    await client.patch(
      resources.pods,
      { namespace, name },
      { type: 'strategic', subresource: 'status', body },
    )
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
