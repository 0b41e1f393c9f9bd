import type { ContainerCreateOptions } from 'dockerode'
import { posix } from 'node:path'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ContainerSpec } from '../runtime/runtime.ts'
import { containerName, label, podLabels } from './labels.ts'
import type { Owner } from './labels.ts'
import { reducedCapabilities } from './privileges.ts'
import type { Privileges } from './privileges.ts'
import { securityOptions } from './security-options.ts'
import { messageFile, messageLabels, messageVolume } from './termination-message.ts'
import type { VolumeSource } from './sandboxes.ts'

type HostConfig = NonNullable<ContainerCreateOptions['HostConfig']>
type Mount = NonNullable<HostConfig['Mounts']>[number]
type ContainerMount = ContainerSpec['mounts'][number]

/** Docker keeps logs inside its own directory: bounded, since nothing else cuts them. */
const logLimits = { 'max-size': '10m', 'max-file': '3' }

interface MountPlan {
  mounts: Mount[]
  binds: string[]
}

/**
 * A whole Docker volume is mounted as such. A sub-path is bound from the volume's directory on the engine's host: Docker
 * before 26 knows no volume sub-paths, and a bind creates a missing directory, as Kubernetes demands.
 */
function planMounts(mounts: ContainerMount[], volumes: Map<string, VolumeSource>): MountPlan {
  const plan: MountPlan = { mounts: [], binds: [] }
  for (const mount of mounts) {
    const source = volumes.get(mount.volume)
    if (!source) {
      throw new RuntimeError('CreateContainerConfigError', `volume "${mount.volume}" is not in the sandbox`)
    }
    if (source.dockerVolume !== undefined && !mount.subPath) {
      plan.mounts.push({
        Type: 'volume',
        Source: source.dockerVolume,
        Target: mount.path,
        ReadOnly: mount.readOnly,
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
      })
      continue
    }
    const from = mount.subPath ? joinBelow(source.hostDirectory, mount.subPath) : source.hostDirectory
    plan.binds.push(`${from}:${mount.path}${mount.readOnly ? ':ro' : ''}`)
  }
  return plan
}

function joinBelow(root: string, subPath: string): string {
  const joined = posix.join(root, subPath)
  if (joined !== root && !joined.startsWith(`${root}/`)) {
    throw new RuntimeError('CreateContainerConfigError', `subPath "${subPath}" must not leave its volume`)
  }
  return joined
}

/** What Docker needs to create an app container that joins its pod's sandbox. */
export function containerConfig(
  spec: ContainerSpec,
  context: { owner: Owner; volumes: Map<string, VolumeSource>; privileges: Privileges },
): ContainerCreateOptions & { name: string } {
  const sandbox = `container:${spec.sandboxId}`
  const { mounts, binds } = planMounts(spec.mounts, context.volumes)
  const message = messageBind(spec, context.volumes)
  if (message !== undefined) binds.push(message)
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
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: logLimits },
      Mounts: mounts,
      Binds: binds,
      ReadonlyRootfs: spec.readOnlyRootFilesystem,
      ...privilegeConfig(spec, context.privileges),
      ...resourceConfig(spec),
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
function resourceConfig(spec: ContainerSpec): HostConfig {
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
