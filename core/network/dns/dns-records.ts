import type { Answer } from 'dns-packet'
import type { Service } from '../../api/generated/core-v1.ts'
import type { Endpoint } from '../../api/generated/discovery-v1.ts'
import { clusterIps } from '../service-index.ts'
import type { ServiceIndex } from '../service-index.ts'
import { parseClusterName, parseReverseName } from './dns-question.ts'
import type { ServicePortName } from './dns-question.ts'

/** Short, so that a client soon sees a change; the value of kubeadm's CoreDNS would be 30. */
const ttl = 5

/** What the cluster itself knows about a name. `forward` means the name is not the cluster's. */
export type ClusterAnswer =
  | { kind: 'forward' }
  | { kind: 'records'; answers: Answer[]; additionals: Answer[] }
  | { kind: 'alias'; answer: Answer; target: string }
  /** The name exists, but has no record of this type. */
  | { kind: 'empty' }
  | { kind: 'missing' }

export interface ClusterZone {
  services: ServiceIndex
  /** Without a dot at the end, lower case: `cluster.local`. */
  domain: string
}

interface Target {
  /** Name of an A record. */
  host: string
  ip: string
  ports: Array<{ name: string; protocol: string; port: number }>
}

/** Looks a question up in the cluster's objects; follows the Kubernetes DNS specification and, where that is silent, CoreDNS. */
export function lookUp(zone: ClusterZone, name: string, type: string): ClusterAnswer {
  const lower = name.toLowerCase()
  const reverse = parseReverseName(lower)
  if (reverse !== undefined) return lookUpAddress(zone, { name, ip: reverse, type })
  const parsed = parseClusterName(lower, zone.domain)
  if (!parsed) return { kind: 'forward' }
  switch (parsed.kind) {
    case 'apex':
      return type === 'SOA' && lower === zone.domain ? records([startOfAuthority(zone)]) : { kind: 'empty' }
    case 'version':
      return type === 'TXT' ? records([{ type: 'TXT', name, ttl, data: '1.1.0' }]) : { kind: 'empty' }
    case 'namespace':
      return zone.services.hasNamespace(parsed.namespace) ? { kind: 'empty' } : { kind: 'missing' }
    case 'pod':
      return type === 'A' ? records([address(name, parsed.ip)]) : { kind: 'empty' }
    case 'service':
      return lookUpService(zone, { ...parsed, name, type })
    case 'unknown':
      return { kind: 'missing' }
  }
}

/** The SOA record that goes with every negative answer, so that resolvers may keep it for a moment. */
export function startOfAuthority(zone: ClusterZone): Answer {
  return {
    type: 'SOA',
    name: zone.domain,
    ttl,
    data: {
      mname: `ns.dns.${zone.domain}`,
      rname: `hostmaster.${zone.domain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86400,
      minimum: ttl,
    },
  }
}

function lookUpService(
  zone: ClusterZone,
  question: {
    namespace: string
    service: string
    endpoint?: string
    port?: ServicePortName
    name: string
    type: string
  },
): ClusterAnswer {
  const { name, type, endpoint, port } = question
  const key = `${question.namespace}/${question.service}`
  const service = zone.services.service(key)
  if (!service) return { kind: 'missing' }
  if (service.spec?.type === 'ExternalName') {
    const target = service.spec.externalName ?? ''
    if (endpoint !== undefined || target === '') return { kind: 'missing' }
    return { kind: 'alias', answer: { type: 'CNAME', name, ttl, data: target }, target }
  }
  const all = targetsOf(zone, key, { service, endpoint })
  const targets = port ? all.flatMap((target) => withPort(target, port)) : all
  if (targets.length === 0) return { kind: 'missing' }
  if (type === 'A')
    return records(shuffle(unique(targets.map(({ ip }) => ip))).map((ip) => address(name, ip)))
  if (type === 'SRV') return serviceRecords(name, targets)
  return { kind: 'empty' }
}

/** Where a Service name leads: its cluster IP, or for a headless Service or an endpoint's name the endpoints. */
function targetsOf(
  zone: ClusterZone,
  key: string,
  wanted: { service: Service; endpoint: string | undefined },
): Target[] {
  const { service, endpoint } = wanted
  const [namespace = '', name = ''] = key.split('/')
  const base = `${name}.${namespace}.svc.${zone.domain}`
  const ips = clusterIps(service)
  if (ips.length > 0 && endpoint === undefined) {
    const ports = (service.spec?.ports ?? []).map((port) => ({
      name: port.name ?? '',
      protocol: (port.protocol ?? 'TCP').toLowerCase(),
      port: port.port,
    }))
    return ips.map((ip) => ({ host: base, ip, ports }))
  }
  return zone.services.slices(key).flatMap((slice) => {
    const ports = (slice.ports ?? []).flatMap((port) =>
      port.port === undefined
        ? []
        : { name: port.name ?? '', protocol: (port.protocol ?? 'TCP').toLowerCase(), port: port.port },
    )
    return (slice.endpoints ?? [])
      .filter((candidate) => candidate.conditions?.ready !== false)
      .flatMap((candidate) =>
        candidate.addresses.map((ip) => ({ host: `${hostName(candidate, ip)}.${base}`, ip, ports })),
      )
      .filter(({ host }) => endpoint === undefined || host === `${endpoint}.${base}`)
  })
}

function withPort(target: Target, wanted: ServicePortName): Target[] {
  const ports = target.ports.filter((port) => port.name === wanted.name && port.protocol === wanted.protocol)
  return ports.length > 0 ? [{ ...target, ports }] : []
}

function serviceRecords(name: string, targets: Target[]): ClusterAnswer {
  const pairs = targets.flatMap(({ host, ports }) => ports.map(({ port }) => ({ host, port })))
  const distinct = unique(pairs.map(({ host, port }) => `${host} ${port}`))
  const weight = Math.max(1, Math.floor(100 / Math.max(1, distinct.length)))
  const answers = distinct.map((pair): Answer => {
    const [target = '', port = ''] = pair.split(' ')
    return { type: 'SRV', name, ttl, data: { priority: 0, weight, port: Number(port), target } }
  })
  const hosts = new Map(targets.map(({ host, ip }) => [`${host} ${ip}`, address(host, ip)]))
  return answers.length > 0
    ? { kind: 'records', answers, additionals: [...hosts.values()] }
    : { kind: 'missing' }
}

/** Reverse lookup: Services by cluster IP, then endpoints by address. Addresses the cluster does not know are forwarded. */
function lookUpAddress(
  zone: ClusterZone,
  question: { name: string; ip: string; type: string },
): ClusterAnswer {
  const { name, ip, type } = question
  const names = namesOf(zone, ip)
  if (names.length === 0) return { kind: 'forward' }
  if (type !== 'PTR') return { kind: 'empty' }
  return records(names.map((data): Answer => ({ type: 'PTR', name, ttl, data })))
}

function namesOf(zone: ClusterZone, ip: string): string[] {
  const owner = zone.services.keyOfClusterIp(ip)
  if (owner !== undefined) {
    const [namespace, name] = owner.split('/')
    return [`${name}.${namespace}.svc.${zone.domain}`]
  }
  const names: string[] = []
  for (const key of zone.services.keys()) {
    const service = zone.services.service(key)
    if (!service) continue
    const [namespace, name] = key.split('/')
    for (const endpoint of zone.services.slices(key).flatMap((slice) => slice.endpoints ?? [])) {
      if (endpoint.conditions?.ready !== false && endpoint.addresses.includes(ip)) {
        names.push(`${hostName(endpoint, ip)}.${name}.${namespace}.svc.${zone.domain}`)
      }
    }
  }
  return unique(names)
}

function hostName(endpoint: Endpoint, ip: string): string {
  return endpoint.hostname ?? ip.replaceAll('.', '-')
}

function address(name: string, ip: string): Answer {
  return { type: 'A', name, ttl, data: ip }
}

function records(answers: Answer[]): ClusterAnswer {
  return { kind: 'records', answers, additionals: [] }
}

function unique(values: string[]): string[] {
  return [...new Set(values)]
}

/** Clients take the first address; a random order spreads them, as CoreDNS' loadbalance does. */
function shuffle<T>(values: T[]): T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value)
}
