import { containersText, namesWhere, plural, quoted, quotedSet, type Check, type PodCheck } from '../check.ts'
import type { AnyContainer } from '../check.ts'

const checkHostNamespaces: PodCheck = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field])
  if (shared.length === 0) return undefined
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') }
}

/** The host's network, processes and IPC are not shared (upstream: check_hostNamespaces.go). */
export const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  versions: [{ since: 0, check: checkHostNamespaces }],
}

const checkHostPathVolumes: PodCheck = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
  if (bad.length === 0) return undefined
  return { reason: 'hostPath volumes', detail: `${plural(bad.length, 'volume')} ${quoted(bad)}` }
}

/** No directory of the host is mounted (upstream: check_hostPathVolumes.go). */
export const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [{ since: 0, check: checkHostPathVolumes }],
}

const checkHostPorts: PodCheck = (pod) => {
  const taken: string[] = []
  const bad = namesWhere(pod, ({ ports }) => {
    const own = (ports ?? []).filter(({ hostPort }) => hostPort).map(({ hostPort }) => String(hostPort))
    taken.push(...own)
    return own.length > 0
  })
  if (bad.length === 0) return undefined
  const ports = [...new Set(taken)].sort()
  const what = `${plural(bad.length, 'uses', 'use')} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`
  return { reason: 'hostPort', detail: `${containersText(bad)} ${what}` }
}

/** No port of the host is taken (upstream: check_hostPorts.go). */
export const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [{ since: 0, check: checkHostPorts }],
}

const checkHostProbesAndHostLifecycle: PodCheck = ({ containers }) => {
  const found = containers.map((container) => ({ name: container.name, hosts: calledHosts(container) }))
  const bad = [...new Set(found.filter(({ hosts }) => hosts.length > 0).map(({ name }) => name))].sort()
  if (bad.length === 0) return undefined
  const hosts = [...new Set(found.flatMap((one) => one.hosts))].sort()
  const verb = plural(bad.length, 'uses', 'use')
  const what = plural(hosts.length, 'probe or lifecycle host')
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersText(bad)} ${verb} ${what} ${quotedSet(hosts)}`,
  }
}

/** Kubelets are not made to call other hosts (upstream: check_hostProbesAndhostLifecycle.go). */
export const hostProbesAndHostLifecycle: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [{ since: 34, check: checkHostProbesAndHostLifecycle }],
}

function calledHosts(container: AnyContainer): string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
  return handlers
    .flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''])
    .filter(Boolean)
}
