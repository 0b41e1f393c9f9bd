import { randomInt } from 'node:crypto'
import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import { pack } from 'tar-stream'
import type { Clock } from '../../util/clock.ts'
import type { GroupOwnership, NodeAgent } from '../runtime/node-agent.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { PodResources, RuntimeVolume, SandboxSpec, SandboxStatus } from '../runtime/specs.ts'
import type { Limiter } from '../limiter.ts'
import { createContainer, ignoreMissing } from './create-container.ts'
import { engineStatus } from './docker-errors.ts'
import { createFinishedSandboxes } from './finished-sandboxes.ts'
import type { EngineCall } from './engine-call.ts'
import { checkHostPaths } from './host-path-check.ts'
import { copyImage } from './image-volume.ts'
import { persistentVolumeName } from './persistent-volumes.ts'
import { podGroup } from './pod-group.ts'
import { hostNetworkFiles } from './host-network-files.ts'
import { label, ownedFilters } from './labels.ts'
import type { Owner } from './labels.ts'
import type { NodeNetwork } from './node-network.ts'
import { startPublished, takenPort } from './published-ports.ts'
import { toStatus, type Doubts } from './sandbox-status.ts'
import { sandboxConfig, volumeRoot } from './sandbox-config.ts'
import { messageVolume } from './termination-message.ts'

/** Where a pod volume really is: a Docker volume (with its directory on the engine's host) or a path of that host. */
export interface VolumeSource {
  dockerVolume?: string
  hostDirectory: string
  /** The pod may not write to it. */
  readOnly?: boolean
}

export interface Sandboxes {
  run(spec: SandboxSpec): Promise<SandboxStatus>
  stop(id: string): Promise<void>
  remove(id: string): Promise<void>
  list(podUid?: string): Promise<SandboxStatus[]>
  /** The volumes a sandbox holds, by pod volume name. */
  volumes(id: string): Promise<Map<string, VolumeSource>>
  /** Process id of a running sandbox; RuntimeError when it does not run. */
  pid(id: string): Promise<number>
  /** The control group of its pod, where it has one. */
  group(id: string): Promise<string | undefined>
  /** Limits what all containers of its pod use together. Rejects where the pod has no control group. */
  limit(id: string, resources: PodResources): Promise<void>
}

interface SandboxesOptions {
  docker: Docker
  call: EngineCall
  owner: Owner
  network: string
  image: () => Promise<string>
  /** What sandboxes with hostNetwork join. */
  nodeNetwork: NodeNetwork
  agent: NodeAgent
  clock: Clock
  starts: Limiter
}

const createError = 'CreatePodSandboxError'

/** A tar of the volume directories with their modes; Docker gives new volumes 0755 of root, which suits few pods. */
async function directoryArchive(volumes: RuntimeVolume[]): Promise<Buffer> {
  const archive = pack()
  for (const volume of volumes) {
    const name = `${volumeRoot.slice(1)}/${volume.name}/`
    archive.entry({ name, type: 'directory', mode: volume.mode, gid: volume.gid ?? 0 })
  }
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Sandboxes as Docker containers of the node image. */
export function createSandboxes(options: SandboxesOptions): Sandboxes {
  const { docker, call, owner, network, agent } = options
  const volumesOf = new Map<string, Map<string, VolumeSource>>()
  const groups = new Map<string, string | undefined>()
  const limits = new Map<string, PodResources>()
  const finished = createFinishedSandboxes(options)
  let driver: Promise<string> | undefined

  async function inspect(id: string): Promise<ContainerInspectInfo> {
    const info = await call('SandboxStatusError', () => docker.getContainer(id).inspect())
    volumesOf.set(id, readVolumes(info))
    groups.set(id, info.HostConfig.CgroupParent || undefined)
    return info
  }

  async function groupFor({ ownGroup, pod }: SandboxSpec): Promise<string | undefined> {
    if (!ownGroup) return undefined
    driver ??= call(createError, () => docker.info())
      .then((info) => (info as { CgroupDriver: string }).CgroupDriver)
      .catch((error: unknown) => {
        driver = undefined
        throw error
      })
    return podGroup(await driver, pod.uid)
  }

  function statusOf(info: ContainerInspectInfo, doubts: Doubts = {}): SandboxStatus {
    const resources = limits.get(info.Id)
    return { ...toStatus(info, network, doubts), ...(resources ? { resources } : {}) }
  }

  async function groupOf(id: string): Promise<string | undefined> {
    if (!groups.has(id)) await inspect(id)
    return groups.get(id)
  }

  function readVolumes(info: ContainerInspectInfo): Map<string, VolumeSource> {
    const found = new Map<string, VolumeSource>()
    for (const mount of info.Mounts) {
      if (!mount.Destination.startsWith(`${volumeRoot}/`)) continue
      const source: VolumeSource = { hostDirectory: mount.Source }
      if (mount.Type === 'volume' && mount.Name) source.dockerVolume = mount.Name
      if (!mount.RW) source.readOnly = true
      found.set(mount.Destination.slice(volumeRoot.length + 1), source)
    }
    return found
  }

  async function copyImages(volumes: RuntimeVolume[], container: Docker.Container): Promise<void> {
    for (const { name, image } of volumes) {
      if (image) await copyImage({ docker, call, owner }, image, { container, path: `${volumeRoot}/${name}` })
    }
  }

  async function checkVolumes(volumes: RuntimeVolume[], image: string): Promise<void> {
    await checkHostPaths({ docker, call, owner, image }, volumes)
    for (const { name, kind, handle = '' } of volumes) {
      if (kind !== 'persistent') continue
      const source = persistentVolumeName(owner.clusterId, handle)
      const found = await call('VolumeError', () => docker.getVolume(source).inspect()).catch(
        undefinedWhenGone,
      )
      if (found) continue
      const message = `the Docker volume ${source} is gone, and with it the data of "${handle}"`
      throw new RuntimeError('VolumeError', message, { volume: name })
    }
  }

  /** Pods on the network of the node that share another namespace than the node's, or, of an earlier version, the machine's. */
  async function areCutOff(infos: ContainerInspectInfo[]): Promise<Set<string>> {
    const modes = infos.map((info) => ({ id: info.Id, mode: info.HostConfig.NetworkMode ?? '' }))
    const sharing = modes.filter(({ mode }) => mode === 'host' || mode.startsWith('container:'))
    if (sharing.length === 0) return new Set()
    const current = await call('SandboxStatusError', () => options.nodeNetwork.adopt())
    return new Set(sharing.flatMap(({ id, mode }) => (mode === `container:${current}` ? [] : [id])))
  }

  async function start(
    spec: SandboxSpec,
    context: Parameters<typeof sandboxConfig>[1],
  ): Promise<ContainerInspectInfo> {
    const config = sandboxConfig(spec, context)
    const id = await createContainer({ docker, call, reason: createError, config })
    const container = docker.getContainer(id)
    const disks = spec.volumes.filter((volume) => volume.kind === 'disk')
    if (disks.length > 0 && spec.attempt === 0) {
      const archive = await directoryArchive(disks)
      await call(createError, () => container.putArchive(archive, { path: '/' }))
    }
    if (spec.attempt === 0) await copyImages(spec.volumes, container)
    try {
      await call(createError, () => container.start().catch(ignoreNotModified))
    } catch (error) {
      if (takenPort(error) !== undefined) await container.remove({ force: true }).catch(ignoreMissing)
      throw error
    }
    return inspect(id)
  }

  return {
    async run(spec) {
      const image = await options.image()
      await checkVolumes(spec.volumes, image)
      const group = await groupFor(spec)
      const nodeNetwork = spec.hostNetwork
        ? await call(createError, () => options.nodeNetwork.ensure())
        : undefined
      const { info, unpublished } = await options.starts.run(() =>
        startPublished(spec, (published) =>
          start(published, { owner, network, image, group, ...(nodeNetwork && { nodeNetwork }) }),
        ),
      )
      if (!info.State.Running) {
        throw new RuntimeError(createError, `sandbox container ${info.Id} stopped right after its start`)
      }
      const { Pid: pid } = info.State
      if (spec.hostNetwork) {
        await agent.writeFiles(pid, `${volumeRoot}/${messageVolume}`, hostNetworkFiles(spec))
      } else {
        // Docker shares both files of the sandbox with every container that joins its network.
        await agent.overwriteFile(pid, '/etc/resolv.conf', Buffer.from(spec.resolvConf))
        await agent.overwriteFile(pid, '/etc/hosts', Buffer.from(spec.hostsFile))
      }
      const version = payloadVersion(options.clock)
      const payloads = spec.volumes.flatMap(({ name, files }) =>
        files ? [{ root: `${volumeRoot}/${name}`, version, files }] : [],
      )
      await agent.writePayloads(pid, payloads)
      await agent.setGroups(pid, ownerships(spec.volumes))
      finished.add(info.Id)
      return { ...statusOf(info), ...(unpublished.length > 0 && { unpublished }) }
    },

    async stop(id) {
      await call('StopSandboxError', () =>
        docker.getContainer(id).kill({ signal: 'SIGKILL' }).catch(ignoreMissing),
      )
    },

    async remove(id) {
      await call('RemoveSandboxError', () =>
        docker.getContainer(id).remove({ force: true, v: true }).catch(ignoreMissing),
      )
      volumesOf.delete(id)
      finished.delete(id)
      const group = groups.get(id)
      if (group !== undefined) await agent.removeGroup(group)
      groups.delete(id)
      limits.delete(id)
    },

    async list(podUid) {
      const filters = ownedFilters(owner, {
        [label.type]: 'podsandbox',
        ...(podUid === undefined ? {} : { [label.podUid]: podUid }),
      })
      const known = await finished.known()
      const listed = await call('ListSandboxesError', () => docker.listContainers({ all: true, filters }))
      const infos = await Promise.all(listed.map(({ Id }) => inspect(Id).catch(undefinedWhenGone)))
      const found = infos.filter((info) => info !== undefined)
      const cutOff = await areCutOff(found)
      return found.map((info) =>
        statusOf(info, { isCutOff: cutOff.has(info.Id), isUnfinished: !known.has(info.Id) }),
      )
    },

    async volumes(id) {
      const known = volumesOf.get(id)
      return known ?? readVolumes(await inspect(id))
    },

    group: groupOf,

    async limit(id, resources) {
      const group = await groupOf(id)
      const refuse = (why: string): RuntimeError => new RuntimeError('UpdatePodSandboxError', why)
      if (group === undefined) throw refuse('the pod has no control group of its own')
      await agent.limitGroup(group, resources).catch((error: unknown) => {
        throw refuse((error as Error).message)
      })
      limits.set(id, resources)
    },

    async pid(id) {
      const info = await inspect(id)
      if (!info.State.Running) throw new RuntimeError('SandboxNotReady', `sandbox ${id} is not running`)
      return info.State.Pid
    },
  }
}

/** The persistent volumes that belong to the pod's group. */
function ownerships(volumes: RuntimeVolume[]): GroupOwnership[] {
  return volumes.flatMap(({ name, kind, gid, ownsWhenRootDiffers = false }) =>
    kind === 'persistent' && gid !== undefined
      ? [{ path: `${volumeRoot}/${name}`, gid, onlyWhenRootDiffers: ownsWhenRootDiffers }]
      : [],
  )
}

/** A container that went away between listing and inspecting is no failure. */
export function undefinedWhenGone(error: unknown): undefined {
  if (engineStatus((error as Error).cause) === 404) return undefined
  throw error
}

/** 304 answers a start of what already runs. */
export function ignoreNotModified(error: unknown): void {
  if (engineStatus(error) !== 304) throw error
}

/** A name for new content of a volume, in upstream's form: two dots, the time, something random. */
export function payloadVersion(clock: Clock): string {
  const time = new Date(clock.now()).toISOString().replace(/[-:T]/g, '_').replace(/\..*$/, '')
  return `..${time}.${randomInt(1e9)}`
}
