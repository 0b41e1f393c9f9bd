import type { Node, Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import type { ObjectSource } from './object-source.ts'

/** The label that ties an EndpointSlice to its Service (upstream: discovery/v1, LabelServiceName). */
const serviceNameLabel = 'kubernetes.io/service-name'

/** Services with their EndpointSlices, by `namespace/name`. One per process, shared by all nodes' rules and by DNS. */
export interface ServiceIndex {
  service(key: string): Service | undefined
  /** IPv4 slices of the Service, in order of their names. */
  slices(key: string): EndpointSlice[]
  keys(): Iterable<string>
  /** Whether any Service lives in the namespace. */
  hasNamespace(namespace: string): boolean
  /** The key of the Service that has this cluster IP. */
  keyOfClusterIp(ip: string): string | undefined
  /** The zone of a node, where it has one. */
  zoneOf(nodeName: string): string | undefined
  /** Tells the key of a Service that changed, or whose endpoints did; of every Service when a node's zone did. */
  onChange(listener: (key: string) => void): Disposable
  /** Resolves once all sources are complete. */
  readonly synced: Promise<void>
  [Symbol.dispose](): void
}

const zoneLabel = 'topology.kubernetes.io/zone'

/** Builds the index from the informers and keeps it up to date until disposed. */
export function createServiceIndex(sources: {
  services: ObjectSource<Service>
  endpointSlices: ObjectSource<EndpointSlice>
  /** Absent: no node has a zone. */
  nodes?: ObjectSource<Node>
}): ServiceIndex {
  const services = new Map<string, Service>()
  const slices = new Map<string, Map<string, EndpointSlice>>()
  const byClusterIp = new Map<string, string>()
  const perNamespace = new Map<string, number>()
  const zones = new Map<string, string>()
  const listeners = new Set<(key: string) => void>()

  function tell(key: string): void {
    for (const listener of listeners) listener(key)
  }

  function removeService(service: Service): void {
    const key = keyOf(service.metadata)
    const old = services.get(key)
    if (!old) return
    services.delete(key)
    const namespace = old.metadata.namespace ?? ''
    const left = (perNamespace.get(namespace) ?? 1) - 1
    if (left === 0) perNamespace.delete(namespace)
    else perNamespace.set(namespace, left)
    for (const ip of clusterIps(old)) if (byClusterIp.get(ip) === key) byClusterIp.delete(ip)
  }

  function putService(service: Service): void {
    const key = keyOf(service.metadata)
    removeService(service)
    services.set(key, service)
    const namespace = service.metadata.namespace ?? ''
    perNamespace.set(namespace, (perNamespace.get(namespace) ?? 0) + 1)
    for (const ip of clusterIps(service)) byClusterIp.set(ip, key)
  }

  function removeSlice(slice: EndpointSlice): string | undefined {
    const key = serviceKeyOf(slice)
    const siblings = key === undefined ? undefined : slices.get(key)
    siblings?.delete(slice.metadata.name)
    if (key !== undefined && siblings?.size === 0) slices.delete(key)
    return key
  }

  function putSlice(slice: EndpointSlice): string | undefined {
    const key = serviceKeyOf(slice)
    if (key === undefined || slice.addressType !== 'IPv4') return undefined
    const siblings = slices.get(key) ?? new Map<string, EndpointSlice>()
    slices.set(key, siblings.set(slice.metadata.name, slice))
    return key
  }

  function putZone(nodeName: string, zone: string | undefined): void {
    if (zones.get(nodeName) === zone) return
    if (zone === undefined) zones.delete(nodeName)
    else zones.set(nodeName, zone)
    for (const key of services.keys()) tell(key)
  }

  const subscriptions = [
    ...(sources.nodes
      ? [
          sources.nodes.addHandler({
            added: ({ metadata }) => putZone(metadata.name, metadata.labels?.[zoneLabel]),
            updated: ({ metadata }) => putZone(metadata.name, metadata.labels?.[zoneLabel]),
            deleted: ({ metadata }) => putZone(metadata.name, undefined),
          }),
        ]
      : []),
    sources.services.addHandler({
      added: change(putService),
      updated: change(putService),
      deleted: change(removeService),
    }),
    sources.endpointSlices.addHandler({
      added: (slice) => tellAll(putSlice(slice)),
      updated: (slice, previous) => tellAll(removeSlice(previous), putSlice(slice)),
      deleted: (slice) => tellAll(removeSlice(slice)),
    }),
  ]

  function change(apply: (service: Service) => void): (service: Service) => void {
    return (service) => {
      apply(service)
      tell(keyOf(service.metadata))
    }
  }

  function tellAll(...keys: Array<string | undefined>): void {
    for (const key of new Set(keys)) if (key !== undefined) tell(key)
  }

  return {
    service: (key) => services.get(key),
    slices: (key) =>
      [...(slices.get(key)?.values() ?? [])].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
    keys: () => services.keys(),
    hasNamespace: (namespace) => perNamespace.has(namespace),
    keyOfClusterIp: (ip) => byClusterIp.get(ip),
    zoneOf: (nodeName) => zones.get(nodeName),
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    synced: Promise.all([
      sources.services.whenSynced(),
      sources.endpointSlices.whenSynced(),
      sources.nodes?.whenSynced(),
    ]).then(() => undefined),
    [Symbol.dispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
      listeners.clear()
    },
  }
}

/** The Service's IPv4 cluster addresses; none for headless and ExternalName Services. */
export function clusterIps(service: Service): string[] {
  if (service.spec?.type === 'ExternalName') return []
  const all = service.spec?.clusterIPs ?? (service.spec?.clusterIP ? [service.spec.clusterIP] : [])
  return all.filter((ip) => /^\d+\.\d+\.\d+\.\d+$/.test(ip))
}

function keyOf(metadata: { namespace?: string; name: string }): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function serviceKeyOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel]
  return name === undefined ? undefined : `${slice.metadata.namespace ?? ''}/${name}`
}
