import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { Clock } from '../../util/clock.ts'
import type { Limiter } from '../limiter.ts'
import type { NodeAgent } from '../runtime/node-agent.ts'
import type { ContainerResources, ContainerSpec, ContainerStatus } from '../runtime/specs.ts'
import { containerConfig, resourceConfig } from './container-config.ts'
import { createContainer, ignoreMissing } from './create-container.ts'
import type { EngineCall } from './engine-call.ts'
import { engineStatus } from './docker-errors.ts'
import type { Identities } from './identities.ts'
import { label, ownedFilters, podFromLabels } from './labels.ts'
import type { Owner } from './labels.ts'
import type { Privileges } from './privileges.ts'
import { ignoreNotModified, undefinedWhenGone } from './sandboxes.ts'
import type { VolumeSource } from './sandboxes.ts'
import { createSubPaths } from './sub-paths.ts'
import { volumeRoot } from './sandbox-config.ts'
import { messageFile, messageVolume, readTerminationMessage } from './termination-message.ts'

export interface Containers {
  create(spec: ContainerSpec): Promise<string>
  start(id: string): Promise<void>
  stop(id: string, graceSeconds: number): Promise<void>
  remove(id: string): Promise<void>
  update(id: string, resources: ContainerResources): Promise<void>
  list(podUid?: string): Promise<ContainerStatus[]>
  status(id: string): Promise<ContainerStatus | undefined>
  /** The control group it was made in, where that is not the engine's own; of containers that were listed. */
  groupOf(id: string): string | undefined
}

interface ContainersOptions {
  docker: Docker
  call: EngineCall
  owner: Owner
  starts: Limiter
  volumes: (sandboxId: string) => Promise<Map<string, VolumeSource>>
  pid: (sandboxId: string) => Promise<number>
  /** The control group of the sandbox's pod, where it has one. */
  groupOf: (sandboxId: string) => Promise<string | undefined>
  agent: NodeAgent
  clock: Clock
  privileges: () => Promise<Privileges>
  identities: Identities
}

const never = '0001-01-01T00:00:00Z'

/** What a container that could not be started counts as, whatever the engine has for it (upstream: CRI's StartError). */
const startErrorCode = 128
/** As long as a timer can wait: 23 days. */
const mostSeconds = 2_000_000

/** A container that never ran but has an exit code could not be started. */
function outcome(info: ContainerInspectInfo): Partial<ContainerStatus> & Pick<ContainerStatus, 'state'> {
  const { State: state } = info
  const startedAt = state.StartedAt === never ? undefined : state.StartedAt
  if (state.Running) return { state: 'running', ...(startedAt ? { startedAt } : {}) }
  if (state.FinishedAt !== never) {
    const reason = state.OOMKilled ? 'OOMKilled' : state.ExitCode === 0 ? 'Completed' : 'Error'
    return {
      state: 'exited',
      ...(startedAt ? { startedAt } : {}),
      finishedAt: state.FinishedAt,
      exitCode: startedAt ? state.ExitCode : startErrorCode,
      reason: startedAt ? reason : 'StartError',
      ...(state.Error ? { message: state.Error } : {}),
    }
  }
  if (state.ExitCode !== 0) {
    return {
      state: 'exited',
      startedAt: info.Created,
      finishedAt: info.Created,
      exitCode: startErrorCode,
      reason: 'StartError',
      ...(state.Error ? { message: state.Error } : {}),
    }
  }
  return { state: 'created' }
}

/** Zero stands for what was not set. */
function resourcesOf({ HostConfig: config }: ContainerInspectInfo): ContainerResources {
  const { CpuShares, CpuQuota, CpuPeriod, Memory } = config
  return {
    ...(CpuShares ? { cpuShares: CpuShares } : {}),
    ...(CpuQuota && CpuPeriod ? { cpuQuota: { quota: CpuQuota, period: CpuPeriod } } : {}),
    ...(Memory ? { memoryLimitBytes: Memory } : {}),
  }
}

function toStatus(info: ContainerInspectInfo): ContainerStatus {
  const labels = info.Config.Labels
  return {
    id: info.Id,
    pod: podFromLabels(labels),
    sandboxId: labels[label.sandboxId] ?? '',
    name: labels[label.containerName] ?? '',
    attempt: Number(labels[label.attempt] ?? 0),
    image: info.Config.Image,
    imageId: info.Image,
    createdAt: info.Created,
    resources: resourcesOf(info),
    specHash: labels[label.specHash] ?? '',
    ...outcome(info),
  }
}

/** App containers as Docker containers. */
export function createContainers(options: ContainersOptions): Containers {
  const { docker, call, owner } = options
  /** Messages of containers that ended: nothing changes them any more. */
  const messages = new Map<string, string>()
  const groups = new Map<string, string>()
  const subPaths = createSubPaths(options)

  async function status(id: string): Promise<ContainerStatus | undefined> {
    const info = await call('ContainerStatusError', () => docker.getContainer(id).inspect()).catch(
      undefinedWhenGone,
    )
    if (!info) return undefined
    const known = { ...toStatus(info), ...(await userOf(info)) }
    if (info.HostConfig.CgroupParent) groups.set(id, info.HostConfig.CgroupParent)
    if (known.state !== 'exited' || !known.startedAt || known.reason === 'StartError') return known
    const message = [known.message, await messageOf(info)].filter(Boolean).join(': ')
    return message === '' ? known : { ...known, message }
  }

  /** Before its start nobody asks, and the start shall not wait for it. */
  async function userOf(info: ContainerInspectInfo): Promise<Pick<ContainerStatus, 'user'>> {
    if (info.State.StartedAt === never) return {}
    const user = await options.identities.ofContainer(info).catch(undefinedWhenGone)
    return user ? { user } : {}
  }

  async function messageOf(info: ContainerInspectInfo): Promise<string> {
    const kept = messages.get(info.Id)
    if (kept !== undefined) return kept
    const message = await readTerminationMessage({ docker, call, clock: options.clock }, info)
    messages.set(info.Id, message)
    return message
  }

  let thawed = false
  /** What a process that was killed had paused for a sub-path; nothing else pauses containers. */
  async function thaw(found: Docker.ContainerInfo[]): Promise<void> {
    if (thawed) return
    thawed = true
    const paused = found.filter(({ State }) => State === 'paused')
    await Promise.all(
      paused.map(({ Id }) =>
        call('RunContainerError', () => docker.getContainer(Id).unpause().catch(ignoreMissing)),
      ),
    )
  }

  /** It has to be there before the container, or Docker would make a directory of that name. */
  async function makeMessageFile(spec: ContainerSpec): Promise<void> {
    const file = { path: messageFile(spec), content: new Uint8Array(), mode: 0o666 }
    const pid = await options.pid(spec.sandboxId)
    await options.agent.writeFiles(pid, `${volumeRoot}/${messageVolume}`, [file])
  }

  return {
    async create(spec) {
      const volumes = await options.volumes(spec.sandboxId)
      const [privileges, identity, group] = await Promise.all([
        spec.privileged ? options.privileges() : { full: false },
        options.identities.toMake(spec),
        options.groupOf(spec.sandboxId),
        volumes.has(messageVolume) ? makeMessageFile(spec) : undefined,
      ])
      const mounts = await subPaths.resolve(spec, volumes)
      const config = containerConfig({ ...spec, ...identity }, { owner, volumes, privileges, mounts, group })
      const id = await createContainer({ docker, call, reason: 'CreateContainerError', config })
      subPaths.remember(id, spec.sandboxId, { mounts, volumes })
      return id
    },

    async start(id) {
      const start = (): Promise<unknown> =>
        call('RunContainerError', () => docker.getContainer(id).start().catch(ignoreNotModified))
      await options.starts.run(() => subPaths.guard(id, start))
    },

    async stop(id, graceSeconds) {
      const seconds = Math.min(Math.max(0, Math.ceil(graceSeconds)), mostSeconds)
      await call(
        'KillContainerError',
        () => docker.getContainer(id).stop({ t: seconds }).catch(ignoreStopped),
        (seconds + 120) * 1000,
      )
    },

    async remove(id) {
      await call('RemoveContainerError', () =>
        docker.getContainer(id).remove({ force: true, v: true }).catch(ignoreMissing),
      )
      messages.delete(id)
      groups.delete(id)
      subPaths.forget(id)
    },

    async update(id, resources) {
      await call('UpdateContainerError', () => docker.getContainer(id).update(resourceConfig(resources)))
    },

    async list(podUid) {
      const filters = ownedFilters(owner, {
        [label.type]: 'container',
        ...(podUid === undefined ? {} : { [label.podUid]: podUid }),
      })
      const found = await call('ListContainersError', () => docker.listContainers({ all: true, filters }))
      await thaw(found)
      const all = await Promise.all(found.map(({ Id }) => status(Id)))
      return all.filter((entry) => entry !== undefined)
    },

    status,
    groupOf: (id) => groups.get(id),
  }
}

/** Stopping what stands still (304) or is gone (404) is done. */
function ignoreStopped(error: unknown): void {
  const status = engineStatus(error)
  if (status !== 304 && status !== 404) throw error
}
