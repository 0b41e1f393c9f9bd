import type Docker from 'dockerode'

/** The label that every container, network and volume of a cluster carries; its value is the cluster's id. */
export const clusterLabel = 'io.wheelhouse.cluster'

export interface RemovedResources {
  containers: number
  networks: number
  volumes: number
}

function ignoreGone(error: unknown): void {
  const status = (error as { statusCode?: number }).statusCode
  // 404: somebody was quicker; 409: its removal is already under way.
  if (status !== 404 && status !== 409) throw error
}

/** Removes every container, network and volume that carries this cluster's label, and nothing else. Idempotent. */
export async function removeClusterResources(docker: Docker, clusterId: string): Promise<RemovedResources> {
  const filters = { label: [`${clusterLabel}=${clusterId}`] }
  const containers = await docker.listContainers({ all: true, filters })
  await Promise.all(
    containers.map((container) =>
      docker.getContainer(container.Id).remove({ force: true, v: true }).catch(ignoreGone),
    ),
  )
  const networks = await docker.listNetworks({ filters })
  await Promise.all(networks.map((network) => docker.getNetwork(network.Id).remove().catch(ignoreGone)))
  const volumes = (await docker.listVolumes({ filters })).Volumes ?? []
  await Promise.all(volumes.map((volume) => docker.getVolume(volume.Name).remove().catch(ignoreGone)))
  return { containers: containers.length, networks: networks.length, volumes: volumes.length }
}
