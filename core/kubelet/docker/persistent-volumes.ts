import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import { engineMessage, engineStatus } from './docker-errors.ts'
import { label } from './labels.ts'

/** Makes and removes the Docker volumes behind the PersistentVolumes of one cluster. */
export interface PersistentVolumes {
  /** Creates an empty one that every user may write to. Idempotent as long as nothing is mounted. */
  create(name: string, claim: { namespace: string; name: string }): Promise<void>
  /** Removes it and its data; one that is not there counts as removed. Rejects while a container has it. */
  remove(name: string): Promise<void>
}

/** Names that Docker takes, without the means to leave the cluster's own. */
const allowed = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/**
 * The Docker volume of a handle. It carries the cluster's id, so that a PersistentVolume written by hand never reaches what
 * others keep in Docker. Throws for a handle that cannot name one.
 */
export function persistentVolumeName(clusterId: string, handle: string): string {
  if (!allowed.test(handle)) throw new Error(`"${handle}" cannot name a volume`)
  return `wheelhouse_${clusterId}_${handle}`
}

const probeRoot = '/volume'

/** Docker volumes work alike on a local engine, in Docker Desktop's machine and on a remote engine. */
export function createPersistentVolumes(options: {
  docker: Docker
  clusterId: string
  /** Reference of the node image. */
  image: () => Promise<string>
}): PersistentVolumes {
  const { docker, clusterId } = options

  /** Docker makes the directory 0755 of root, which suits few images; a container that never runs opens it up. */
  async function openUp(volume: string): Promise<void> {
    const container = await docker.createContainer({
      Image: await options.image(),
      Entrypoint: ['/bin/true'],
      Cmd: [],
      Labels: { [label.cluster]: clusterId },
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [{ Type: 'volume', Source: volume, Target: probeRoot, VolumeOptions: withoutCopy }],
      },
    })
    try {
      const archive = pack()
      archive.entry({ name: `${probeRoot.slice(1)}/`, type: 'directory', mode: 0o777 })
      archive.finalize()
      const chunks: Buffer[] = []
      for await (const chunk of archive) chunks.push(chunk as Buffer)
      await container.putArchive(Buffer.concat(chunks), { path: '/' })
    } finally {
      await container.remove({ force: true })
    }
  }

  return {
    async create(name, claim) {
      const volume = persistentVolumeName(clusterId, name)
      await docker.createVolume({
        Name: volume,
        Labels: {
          [label.cluster]: clusterId,
          [label.persistentVolume]: name,
          [label.claim]: `${claim.namespace}/${claim.name}`,
        },
      })
      await openUp(volume)
    },
    async remove(name) {
      try {
        await docker.getVolume(persistentVolumeName(clusterId, name)).remove()
      } catch (error) {
        if (engineStatus(error) === 404) return
        throw new Error(`the volume cannot be removed: ${engineMessage(error)}`, { cause: error })
      }
    },
  }
}

const withoutCopy = { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } }
