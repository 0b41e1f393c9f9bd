import type { Pod, Service } from '../api/generated/core-v1.ts'
import { clusterIps } from './service-index.ts'

/**
 * The variables that containers get for Services, `NAME=value` (upstream: pkg/kubelet/envvars): always for
 * `kubernetes` in the default namespace, and for all Services of the pod's namespace unless enableServiceLinks is false. A
 * Service of the pod's own namespace called `kubernetes` wins.
 */
export function serviceEnvironment(pod: Pod, services: Iterable<Service>): string[] {
  const namespace = pod.metadata.namespace ?? 'default'
  const chosen = new Map<string, Service>()
  for (const service of services) {
    const { name, namespace: home = 'default' } = service.metadata
    if (clusterIps(service).length === 0) continue
    const isMaster = home === 'default' && name === 'kubernetes'
    if (home === namespace && (isMaster || pod.spec?.enableServiceLinks !== false)) chosen.set(name, service)
    else if (isMaster && !chosen.has(name)) chosen.set(name, service)
  }
  return [...chosen.values()].flatMap(variablesOf)
}

function variablesOf(service: Service): string[] {
  const prefix = variableName(service.metadata.name)
  const host = clusterIps(service)[0] ?? ''
  const ports = service.spec?.ports ?? []
  const first = ports[0]
  if (!first) return []
  return [
    `${prefix}_SERVICE_HOST=${host}`,
    `${prefix}_SERVICE_PORT=${first.port}`,
    ...ports
      .filter((port) => port.name)
      .map((port) => `${prefix}_SERVICE_PORT_${variableName(port.name ?? '')}=${port.port}`),
    // The rest is Docker's form for linked containers.
    `${prefix}_PORT=${url(first)}`,
    ...ports.flatMap((port) => {
      const protocol = port.protocol ?? 'TCP'
      const link = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`
      return [
        `${link}=${url(port)}`,
        `${link}_PROTO=${protocol.toLowerCase()}`,
        `${link}_PORT=${port.port}`,
        `${link}_ADDR=${host}`,
      ]
    }),
  ]

  function url(port: { port: number; protocol?: string }): string {
    return `${(port.protocol ?? 'TCP').toLowerCase()}://${host}:${port.port}`
  }
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase()
}
