import type Docker from 'dockerode'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { createLimiter } from '../limiter.ts'
import type { NodeAgent } from '../runtime/node-agent.ts'
import type { MachineInfo, Runtime, RuntimeChange } from '../runtime/runtime.ts'
import { createContainerUsage } from './container-usage.ts'
import { createContainers } from './containers.ts'
import { engineStatus } from './docker-errors.ts'
import { createEngineCall } from './engine-call.ts'
import { followEvents } from './event-stream.ts'
import { openAttach, openExec } from './exec.ts'
import { createIdentities } from './identities.ts'
import { createImages } from './images.ts'
import { label, ownedFilters } from './labels.ts'
import { openLogs } from './logs.ts'
import type { NodeNetwork } from './node-network.ts'
import { connectTo, isOnOwnNetwork } from './pod-connection.ts'
import { createPrivilegeProbe } from './privileges.ts'
import { volumeRoot } from './sandbox-config.ts'
import { createSandboxes, payloadVersion } from './sandboxes.ts'

/** Docker serialises starts; beyond this many at once each only takes longer. */
const concurrentStarts = 6
const pingTimeoutMs = 5_000

const architectures: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' }

interface EngineInfo {
  NCPU: number
  MemTotal: number
  OSType: string
  Architecture: string
  KernelVersion: string
  OperatingSystem: string
  ID: string
  SecurityOptions?: string[] | null
  Runtimes?: Record<string, unknown>
}

export interface DockerRuntimeOptions {
  docker: Docker
  cluster: { id: string }
  nodeName: string
  /** The Docker network that pods join, each with the address its spec names. */
  network: { name: string }
  /** Reference of the node image, made sure to exist. */
  image: () => Promise<string>
  /** The network of the node, for pods with hostNetwork. */
  nodeNetwork: NodeNetwork
  agent: NodeAgent
  clock: Clock
  log: Logger
}

/**
 * The container runtime over the Docker Engine API alone. One pod is one sandbox container of the node image plus app
 * containers that join its network and IPC namespaces; all state is in Docker's labels, so that a new process finds
 * everything again. Several runtimes (nodes, clusters) share an engine without seeing each other's containers.
 */
export function createDockerRuntime(options: DockerRuntimeOptions): Runtime {
  const { docker, clock, agent } = options
  const log = options.log.child('docker')
  const owner = { clusterId: options.cluster.id, nodeName: options.nodeName }
  const call = createEngineCall(clock)
  const starts = createLimiter(concurrentStarts)
  const sandboxes = createSandboxes({
    docker,
    call,
    owner,
    network: options.network.name,
    image: options.image,
    nodeNetwork: options.nodeNetwork,
    agent,
    clock,
    starts,
  })
  const images = createImages({ docker, call, clock })
  const containers = createContainers({
    docker,
    call,
    owner,
    starts,
    clock,
    agent,
    volumes: (sandboxId) => sandboxes.volumes(sandboxId),
    pid: (sandboxId) => sandboxes.pid(sandboxId),
    groupOf: (sandboxId) => sandboxes.group(sandboxId),
    privileges: createPrivilegeProbe({ docker, call, owner, image: options.image, log }),
    identities: createIdentities({ docker, call, owner, images }),
  })
  const usage = createContainerUsage({
    docker,
    call,
    owner,
    agent,
    groupOf: (id) => containers.groupOf(id),
    clock,
    log,
  })
  const listeners = new Set<(change: RuntimeChange) => void>()
  let events: Disposable | undefined

  function publish(change: RuntimeChange): void {
    for (const listener of listeners) listener(change)
  }

  function reviewNodeNetwork(): void {
    call('NodeNetworkError', () => options.nodeNetwork.review()).catch((error: unknown) =>
      log.warn('whether the network of the node is there could not be found out', { error }),
    )
  }

  async function machineInfo(): Promise<MachineInfo> {
    const [info, host] = await Promise.all([
      call('RuntimeInfoError', () => docker.info()) as Promise<EngineInfo>,
      agent.hostFacts(),
    ])
    const has = (module: string): boolean =>
      (info.SecurityOptions ?? []).some((option) => option.startsWith(`name=${module}`))
    return {
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      operatingSystem: info.OSType === 'windows' ? 'windows' : 'linux',
      architecture: architectures[info.Architecture] ?? info.Architecture,
      kernelVersion: info.KernelVersion,
      osImage: info.OperatingSystem,
      machineId: info.ID,
      ...host,
      runtimeHandlers: Object.keys(info.Runtimes ?? {}),
      security: {
        seccomp: has('seccomp'),
        appArmor: has('apparmor'),
        seLinux: has('selinux'),
      },
    }
  }

  async function listVolumes(more: Record<string, string>): Promise<Docker.VolumeInspectInfo[]> {
    const filters = JSON.stringify(ownedFilters(owner, more))
    const answer = await call('ListVolumesError', () => docker.listVolumes({ filters }))
    return answer.Volumes ?? []
  }

  return {
    async version() {
      const { Version: version } = await call('RuntimeVersionError', () => docker.version())
      return { name: 'docker', version }
    },
    async ping() {
      await call('RuntimeUnavailable', () => docker.ping(), pingTimeoutMs)
    },
    machineInfo,

    runSandbox: (spec) => sandboxes.run(spec),
    stopSandbox: (id) => sandboxes.stop(id),
    removeSandbox: (id) => sandboxes.remove(id),
    limitSandbox: (id, resources) => sandboxes.limit(id, resources),
    listSandboxes: (podUid) => sandboxes.list(podUid),

    createContainer: (spec) => containers.create(spec),
    startContainer: (id) => containers.start(id),
    stopContainer: (id, graceSeconds) => containers.stop(id, graceSeconds),
    removeContainer: (id) => containers.remove(id),
    updateContainer: (id, resources) => containers.update(id, resources),
    listContainers: (podUid) => containers.list(podUid),
    containerStatus: (id) => containers.status(id),

    async writeVolume(sandboxId, volume, files) {
      const root = `${volumeRoot}/${volume}`
      const version = payloadVersion(clock)
      await agent.writePayloads(await sandboxes.pid(sandboxId), [{ root, version, files }])
    },
    async readVolumeFile(sandboxId, volume, path) {
      return agent.readFile(await sandboxes.pid(sandboxId), { root: `${volumeRoot}/${volume}`, path })
    },
    async volumeUsage(sandboxId, volumes) {
      const paths = volumes.map((name) => `${volumeRoot}/${name}`)
      const usage = await agent.measure(await sandboxes.pid(sandboxId), paths)
      return new Map([...usage].map(([path, bytes]) => [path.slice(volumeRoot.length + 1), bytes]))
    },
    usage: (targets) => usage.measure(targets),
    writtenBytes: () => usage.writtenBytes(),
    logBytes: (ids) => usage.logBytes(ids),
    async listVolumeOwners() {
      const volumes = await listVolumes({})
      return [...new Set(volumes.map((volume) => volume.Labels[label.podUid] ?? ''))].filter(Boolean)
    },
    async removeVolumes(podUid) {
      const volumes = await listVolumes({ [label.podUid]: podUid })
      await Promise.all(
        volumes.map((volume) =>
          call('RemoveVolumeError', () => docker.getVolume(volume.Name).remove().catch(ignoreNotFound)),
        ),
      )
    },

    imageStatus: (image) => images.status(image),
    pullImage: (image, auth, control) => images.pull(image, auth, control),
    listImages: () => images.list(),
    removeImage: (image) => images.remove(image),

    async logs(id, logOptions) {
      const info = await call('ContainerLogsError', () => docker.getContainer(id).inspect())
      return openLogs({ docker, call, clock }, { id, tty: info.Config.Tty }, logOptions)
    },
    exec: (id, execOptions) => openExec({ docker, call, clock }, id, execOptions),
    attach: (id, attachOptions) => openAttach({ docker, call, clock }, id, attachOptions),
    async dial(sandboxId, port) {
      return agent.dial(await sandboxes.pid(sandboxId), port)
    },
    async dialPod(sandbox, port) {
      if (isOnOwnNetwork(sandbox.ip)) return connectTo(sandbox.ip, port)
      return agent.dial(await sandboxes.pid(sandbox.id), port)
    },

    onChange(listener) {
      listeners.add(listener)
      events ??= followEvents({ docker, owner, onNodeNetwork: reviewNodeNetwork, clock, log }, publish)
      return { dispose: () => void listeners.delete(listener) }
    },
    async close() {
      events?.[Symbol.dispose]()
      listeners.clear()
    },
  }
}

function ignoreNotFound(error: unknown): void {
  if (engineStatus(error) !== 404) throw error
}
