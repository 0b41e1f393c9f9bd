import type { ContainerCreateOptions } from 'dockerode'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ContainerResources, ContainerSpec } from '../runtime/specs.ts'
import { containerName, label, podLabels } from './labels.ts'
import type { Owner } from './labels.ts'
import { hostNetworkBinds } from './host-network-files.ts'
import { reducedCapabilities } from './privileges.ts'
import type { Privileges } from './privileges.ts'
import { securityOptions } from './security-options.ts'
import { messageFile, messageLabels, messageVolume } from './termination-message.ts'
import type { VolumeSource } from './sandboxes.ts'

type HostConfig = NonNullable<ContainerCreateOptions['HostConfig']>
type Mount = NonNullable<HostConfig['Mounts']>[number]
/** A mount whose sub-path is known: `/…` below its volume, or nothing for the volume itself. */
export type ResolvedMount = ContainerSpec['mounts'][number] & { resolved?: string }

const propagations: Record<string, string | undefined> = {
  HostToContainer: 'rslave',
  Bidirectional: 'rshared',
}

/** Docker keeps logs inside its own directory: bounded, since nothing else cuts them. */
const logLimits = { 'max-size': '10m', 'max-file': '3' }

interface MountPlan {
  mounts: Mount[]
  binds: string[]
}

/**
 * A whole Docker volume is mounted as such. A sub-path is bound from the volume's directory on the engine's host, for Docker
 * before 26 knows no volume sub-paths; what is bound is the place it was found to lead to.
 */
function planMounts(mounts: ResolvedMount[], volumes: Map<string, VolumeSource>): MountPlan {
  const plan: MountPlan = { mounts: [], binds: [] }
  for (const mount of mounts) {
    const source = volumes.get(mount.volume)
    if (!source) {
      throw new RuntimeError('CreateContainerConfigError', `volume "${mount.volume}" is not in the sandbox`)
    }
    const readOnly = mount.readOnly || source.readOnly === true
    const propagation = propagations[mount.propagation ?? 'None']
    if (source.dockerVolume !== undefined && !mount.subPath && !propagation) {
      plan.mounts.push({
        Type: 'volume',
        Source: source.dockerVolume,
        Target: mount.path,
        ReadOnly: readOnly,
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
      })
      continue
    }
    const from = `${source.hostDirectory}${mount.resolved ?? ''}`
    const options = [...(readOnly ? ['ro'] : []), ...(propagation ? [propagation] : [])].join(',')
    // Unlike a bind, a mount never makes what is missing: whoever resolved the sub-path has made it.
    if (mount.subPath && !propagation) {
      plan.mounts.push({ Type: 'bind', Source: from, Target: mount.path, ReadOnly: readOnly })
    } else plan.binds.push(`${from}:${mount.path}${options ? `:${options}` : ''}`)
  }
  return plan
}

/** What Docker needs to create an app container that joins its pod's sandbox. */
export function containerConfig(
  spec: ContainerSpec,
  context: {
    owner: Owner
    volumes: Map<string, VolumeSource>
    privileges: Privileges
    mounts: ResolvedMount[]
    /** The pod's control group, where it has one. */
    group?: string | undefined
  },
): ContainerCreateOptions & { name: string } {
  const sandbox = `container:${spec.sandboxId}`
  const { mounts, binds } = planMounts(context.mounts, context.volumes)
  const message = messageBind(spec, context.volumes)
  if (message !== undefined) binds.push(message)
  binds.push(...hostNetworkBinds(spec, context.volumes))
  return {
    name: containerName(spec.name, spec.pod, spec.attempt),
    Image: spec.image,
    ...(spec.command === undefined ? {} : { Entrypoint: spec.command }),
    ...(spec.args === undefined ? {} : { Cmd: spec.args }),
    Env: spec.env,
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    ...(spec.user === undefined ? {} : { User: spec.user }),
    Tty: spec.tty,
    OpenStdin: spec.stdin,
    AttachStdin: spec.stdin,
    StdinOnce: spec.stdinOnce ?? false,
    // The image's own health check is none of Kubernetes' business.
    Healthcheck: { Test: ['NONE'] },
    Labels: {
      ...spec.labels,
      ...podLabels(context.owner, spec.pod),
      [label.type]: 'container',
      [label.containerName]: spec.name,
      [label.sandboxId]: spec.sandboxId,
      [label.attempt]: String(spec.attempt),
      [label.specHash]: spec.specHash,
      ...messageLabels(spec),
    },
    ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
    HostConfig: {
      NetworkMode: sandbox,
      IpcMode: spec.hostIpc ? 'host' : sandbox,
      ...(spec.pid === undefined ? {} : { PidMode: pidMode(spec.pid, sandbox) }),
      ...(spec.runtimeHandler ? { Runtime: spec.runtimeHandler } : {}),
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: logLimits },
      Mounts: mounts,
      Binds: binds,
      ReadonlyRootfs: spec.readOnlyRootFilesystem,
      ...privilegeConfig(spec, context.privileges),
      ...resourceConfig(spec),
      ...(context.group === undefined ? {} : { CgroupParent: context.group }),
      ...(spec.supplementalGroups?.length ? { GroupAdd: spec.supplementalGroups.map(String) } : {}),
      SecurityOpt: securityOptions(spec),
    },
  }
}

function pidMode(pid: NonNullable<ContainerSpec['pid']>, sandbox: string): string {
  if (pid === 'node') return 'host'
  return pid === 'pod' ? sandbox : `container:${pid.containerId}`
}

/** The message file, made beforehand, bound to where the container writes it. */
function messageBind(spec: ContainerSpec, volumes: Map<string, VolumeSource>): string | undefined {
  const source = volumes.get(messageVolume)
  // A path on one of the pod's own volumes is written there; a sandbox of an earlier version has no message volume.
  if (!source || !spec.terminationMessage) return undefined
  const { path } = spec.terminationMessage
  if (spec.mounts.some((mount) => mount.path === path)) return undefined
  return `${source.hostDirectory}/${messageFile(spec)}:${path}`
}

function privilegeConfig(spec: ContainerSpec, privileges: Privileges): HostConfig {
  if (spec.privileged && privileges.full) return { Privileged: true }
  const add = [...(spec.privileged ? reducedCapabilities : []), ...(spec.capabilities?.add ?? [])]
  const drop = spec.capabilities?.drop ?? []
  return {
    Privileged: false,
    ...(add.length > 0 ? { CapAdd: [...new Set(add)] } : {}),
    ...(drop.length > 0 ? { CapDrop: drop } : {}),
  }
}

/** Memory and swap get the same limit, so that a container never swaps. */
export function resourceConfig(spec: ContainerResources): HostConfig {
  return {
    ...(spec.cpuShares === undefined ? {} : { CpuShares: spec.cpuShares }),
    ...(spec.cpuQuota === undefined
      ? {}
      : { CpuQuota: spec.cpuQuota.quota, CpuPeriod: spec.cpuQuota.period }),
    ...(spec.memoryLimitBytes === undefined
      ? {}
      : { Memory: spec.memoryLimitBytes, MemorySwap: spec.memoryLimitBytes }),
  }
}
