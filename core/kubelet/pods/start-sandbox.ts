import type { Pod } from '../../api/generated/core-v1.ts'
import { podResources } from '../container/pod-resources.ts'
import { podIdentity } from '../container/container-spec.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { PortMapping, SandboxStatus } from '../runtime/specs.ts'
import { VolumeError } from '../volumes/volume-error.ts'
import { podSysctls } from './admit-pod.ts'
import { renderHostsFile } from './hosts-file.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { DevicesError, prepareDevices } from './pod-devices.ts'
import type { PodRecord } from './pod-record.ts'
import { checkUserNamespace, runtimeHandlerOf } from './runtime-handler.ts'
import { digestFiles } from './refresh-volumes.ts'
import { sidecarsOf } from '../../api/sidecars.ts'

const longestHostname = 63

/** The pod's host name (upstream: kubelet GeneratePodHostNameAndDomain). */
function podHostname(pod: Pod): string {
  const name = pod.spec.hostnameOverride ?? pod.spec.hostname ?? pod.metadata.name
  return name.slice(0, longestHostname).replace(/[-.]+$/, '')
}

const longestKernelHostname = 64

/**
 * Host name and domain as the pod's own processes see them. Rejects a full name that the kernel cannot take when the pod
 * wants it as its host name (upstream: kubelet GeneratePodHostNameAndDomain).
 */
function podNames(pod: Pod, clusterDomain: string): { hostname: string; domainname?: string } {
  const hostname = podHostname(pod)
  const { subdomain, setHostnameAsFQDN, hostnameOverride } = pod.spec
  if (!subdomain || hostnameOverride) return { hostname }
  const domainname = `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`
  if (!setHostnameAsFQDN) return { hostname, domainname }
  const full = `${hostname}.${domainname}`
  if (full.length > longestKernelHostname) {
    throw new Error(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${longestKernelHostname} characters is the max, ${full.length} characters requested)`,
    )
  }
  return { hostname: full }
}

/**
 * The host ports of the pod that are opened on the machine; on the node's network every port is one already. At the node's own address
 * they are up to the network.
 */
function portMappings(pod: Pod, nodeIps: readonly string[]): PortMapping[] {
  if (pod.spec.hostNetwork) return []
  const ports = [...sidecarsOf(pod.spec), ...pod.spec.containers].flatMap(
    (container) => container.ports ?? [],
  )
  return ports.flatMap(({ containerPort, hostPort, hostIP, protocol = 'TCP' }) =>
    hostPort && !(hostIP && nodeIps.includes(hostIP))
      ? [
          {
            containerPort,
            hostPort,
            protocol: protocol as PortMapping['protocol'],
            ...(hostIP ? { hostIp: hostIP } : {}),
          },
        ]
      : [],
  )
}

/**
 * Makes a pod's sandbox with its volumes and address. Failures become upstream's events (FailedMount,
 * FailedCreatePodSandBox) and reject, for the worker to try again.
 */
export async function startSandbox(
  parts: KubeletParts,
  record: PodRecord,
  attempt: number,
): Promise<SandboxStatus> {
  const { runtime, network, events, cache } = parts
  const { pod } = record
  const node = parts.node()
  const { hostNetwork = false, hostPID = false, hostIPC = false } = pod.spec
  if (attempt > 0) {
    events.pod(pod, {
      type: 'Normal',
      reason: 'SandboxChanged',
      message: 'Pod sandbox changed, it will be killed and re-created.',
    })
  }
  try {
    await prepareDevices(parts, pod)
    const runtimeHandler = await runtimeHandlerOf(parts, pod)
    checkUserNamespace(pod, runtimeHandler)
    const ip = hostNetwork ? undefined : await network.allocate(pod)
    const view = { pod, podIps: ip === undefined ? node.ips : [ip], hostIps: node.ips }
    const volumes = await parts.volumes.build(view, node.allocatable)
    const names = podNames(pod, node.clusterDomain)
    const aliases = (pod.spec.hostAliases ?? []).map(({ ip: of, hostnames = [] }) => ({ ip: of, hostnames }))
    const sandbox = await runtime.runSandbox({
      pod: podIdentity(pod),
      attempt,
      ...names,
      ...(ip === undefined ? {} : { ip }),
      hostsFile: renderHostsFile(
        ip === undefined ? { ip: node.ips[0] ?? '', hostname: node.name, hostNetwork } : { ip, ...names },
        aliases,
      ),
      ...(runtimeHandler === undefined ? {} : { runtimeHandler }),
      ownGroup: podResources(pod, node.podPidsLimit) !== undefined,
      hostNetwork,
      hostPid: hostPID,
      hostIpc: hostIPC,
      resolvConf: network.resolvConf(pod),
      ports: portMappings(pod, node.ips),
      sysctls: podSysctls(pod),
      labels: {},
      annotations: pod.metadata.annotations ?? {},
      volumes,
    })
    const digests = volumes.flatMap(({ name, files }) => (files ? [[name, digestFiles(files)] as const] : []))
    for (const { port, reason } of sandbox.unpublished ?? []) {
      events.pod(pod, {
        type: 'Warning',
        reason: 'HostPortNotOpened',
        message: `host port ${port} is open at the node's address ${node.ips[0]} only, not on this machine: ${reason}`,
      })
    }
    record.volumes = { checkedAt: parts.clock.now(), digests: new Map(digests) }
    return sandbox
  } catch (error) {
    const { message } = error as Error
    const event =
      error instanceof VolumeError || error instanceof DevicesError
        ? { reason: error.reason, message }
        : error instanceof RuntimeError && error.volume !== undefined
          ? {
              reason: 'FailedMount',
              message: `MountVolume.SetUp failed for volume "${error.volume}" : ${message}`,
            }
          : { reason: 'FailedCreatePodSandBox', message: `Failed to create pod sandbox: ${message}` }
    events.pod(pod, { type: 'Warning', ...event })
    throw error
  } finally {
    cache.invalidate(record.uid)
  }
}

/**
 * Sets the sandbox's network up once per process and sandbox: also for one that was adopted, whose rules may be out of
 * date, and for one whose set-up failed before. No app container starts before this is through.
 */
export async function ensureNetwork(
  parts: KubeletParts,
  record: PodRecord,
  sandbox: SandboxStatus,
): Promise<void> {
  if (record.networkOf === sandbox.id) return
  const { pod, uid } = record
  if (!pod.spec.hostNetwork && sandbox.ip !== undefined) {
    parts.network.adopt(uid, sandbox.ip)
    try {
      await parts.network.setUp({
        podUid: uid,
        namespace: pod.metadata.namespace ?? '',
        name: pod.metadata.name,
        labels: pod.metadata.labels ?? {},
        ip: sandbox.ip,
        pid: sandbox.pid,
      })
    } catch (error) {
      parts.events.pod(pod, {
        type: 'Warning',
        reason: 'FailedCreatePodSandBox',
        message: `Failed to create pod sandbox: failed to set up the pod's network: ${(error as Error).message}`,
      })
      throw error
    }
  }
  record.networkOf = sandbox.id
}
