import type { ContainerCreateOptions } from 'dockerode'
import type { PortMapping, RuntimeVolume, SandboxSpec } from '../runtime/specs.ts'
import { containerName, label, podLabels, volumeName } from './labels.ts'
import type { Owner } from './labels.ts'
import { sandboxCommand } from './node-image.ts'
import { persistentVolumeName } from './persistent-volumes.ts'
import { messageVolume } from './termination-message.ts'

/** Where a sandbox has its pod's volumes; app containers mount the same volumes where their spec says. */
export const volumeRoot = '/wheelhouse/volumes'

/** The container name of sandboxes in names and labels, as dockershim had it. */
const sandboxContainerName = 'POD'

type HostConfig = NonNullable<ContainerCreateOptions['HostConfig']>
type Mount = NonNullable<HostConfig['Mounts']>[number]

/**
 * The Docker volume is created by the engine together with the sandbox (driver and labels given here), which saves a
 * call per volume. tmpfs volumes live as long as the sandbox has them mounted.
 */
function volumeMount(spec: SandboxSpec, volume: RuntimeVolume, labels: Record<string, string>): Mount {
  const options: Record<string, string> =
    volume.kind === 'memory' ? { type: 'tmpfs', device: 'tmpfs', o: tmpfsOptions(volume) } : {}
  return {
    Type: 'volume',
    Source: volumeName(spec.pod, volume.name),
    Target: `${volumeRoot}/${volume.name}`,
    VolumeOptions: {
      NoCopy: true,
      Labels: { ...labels, [label.volume]: volume.name },
      DriverConfig: { Name: 'local', Options: options },
    },
  }
}

/** Made beforehand by whoever provisions: the engine must not make an empty one in place of lost data. */
function persistentMount(volume: RuntimeVolume, clusterId: string): Mount {
  return {
    Type: 'volume',
    Source: persistentVolumeName(clusterId, volume.handle ?? ''),
    Target: `${volumeRoot}/${volume.name}`,
    ReadOnly: volume.readOnly ?? false,
    VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
  }
}

function tmpfsOptions(volume: RuntimeVolume): string {
  const options = [`mode=${volume.mode.toString(8)}`]
  if (volume.gid !== undefined) options.push(`gid=${volume.gid}`)
  if (volume.sizeLimitBytes !== undefined) options.push(`size=${Math.max(volume.sizeLimitBytes, 4096)}`)
  return options.join(',')
}

/**
 * What Docker needs to create a pod's sandbox: a sleeping process without capabilities that owns the network, the
 * shareable IPC namespace and the hostname, and holds the pod's volumes. With hostNetwork it joins the network of the container
 * `nodeNetwork`.
 */
export function sandboxConfig(
  spec: SandboxSpec,
  context: { owner: Owner; network: string; image: string; group?: string | undefined; nodeNetwork?: string },
): ContainerCreateOptions & { name: string } {
  const labels = podLabels(context.owner, spec.pod)
  const volumes = spec.volumes.filter(({ kind }) => ['disk', 'memory', 'image'].includes(kind))
  const persistent = spec.volumes.filter(({ kind }) => kind === 'persistent')
  const hostPaths = spec.volumes.filter((volume) => volume.kind === 'hostPath')
  const onNetwork = !spec.hostNetwork
  return {
    name: containerName(sandboxContainerName, spec.pod, spec.attempt),
    Image: context.image,
    Entrypoint: [...sandboxCommand],
    Cmd: [],
    Healthcheck: { Test: ['NONE'] },
    ...(onNetwork ? { Hostname: spec.hostname } : {}),
    ...(onNetwork && spec.domainname ? { Domainname: spec.domainname } : {}),
    ExposedPorts: Object.fromEntries((spec.ports ?? []).map((port) => [portKey(port), {}])),
    Labels: {
      ...spec.labels,
      ...labels,
      [label.type]: 'podsandbox',
      [label.containerName]: sandboxContainerName,
      [label.attempt]: String(spec.attempt),
    },
    HostConfig: {
      NetworkMode: onNetwork ? context.network : `container:${context.nodeNetwork}`,
      IpcMode: spec.hostIpc ? 'host' : 'shareable',
      ...(spec.hostPid ? { PidMode: 'host' } : {}),
      ...(spec.runtimeHandler ? { Runtime: spec.runtimeHandler } : {}),
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      CpuShares: 2,
      ...(context.group === undefined ? {} : { CgroupParent: context.group }),
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'none', Config: {} },
      Mounts: [
        ...volumes.map((volume) => volumeMount(spec, volume, labels)),
        ...persistent.map((volume) => persistentMount(volume, context.owner.clusterId)),
        volumeMount(spec, { name: messageVolume, kind: 'disk', mode: 0o755 }, labels),
      ],
      PortBindings: onNetwork ? portBindings(spec.ports ?? []) : {},
      ...(spec.sysctls ? { Sysctls: spec.sysctls } : {}),
      Binds: hostPaths.map(
        ({ hostPath, name, readOnly }) => `${hostPath}:${volumeRoot}/${name}${readOnly ? ':ro' : ''}`,
      ),
    },
    ...(onNetwork
      ? {
          NetworkingConfig: {
            EndpointsConfig: {
              [context.network]: spec.ip ? { IPAMConfig: { IPv4Address: spec.ip } } : {},
            },
          },
        }
      : {}),
  }
}

/** `80/tcp`, as Docker names ports. */
function portKey(port: PortMapping): string {
  return `${port.containerPort}/${port.protocol.toLowerCase()}`
}

/** Two host ports may lead to the same port of the pod. */
function portBindings(ports: PortMapping[]): Record<string, Array<{ HostIp: string; HostPort: string }>> {
  const bindings: Record<string, Array<{ HostIp: string; HostPort: string }>> = {}
  for (const port of ports) {
    const list = (bindings[portKey(port)] ??= [])
    list.push({ HostIp: port.hostIp ?? '', HostPort: String(port.hostPort) })
  }
  return bindings
}
