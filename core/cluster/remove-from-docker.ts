import { connectDocker } from '../kubelet/docker/connect.ts'
import { explainUnavailable, isUnreachable } from '../kubelet/docker/docker-errors.ts'
import { removeClusterResources } from '../kubelet/docker/remove-cluster.ts'

/**
 * Removes what a cluster has in Docker and says what that was. When no engine answers there may be something left that
 * nobody can see: that is an error, so that its data is not deleted from under it.
 */
export async function removeFromDocker(clusterId: string): Promise<string> {
  try {
    const removed = await removeClusterResources(connectDocker(), clusterId)
    return `removed ${removed.containers} containers, ${removed.networks} networks and ${removed.volumes} volumes`
  } catch (error) {
    if (isUnreachable(error)) throw new Error(explainUnavailable(error), { cause: error })
    throw error
  }
}
