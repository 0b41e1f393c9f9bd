import { readFile } from 'node:fs/promises'
import type Docker from 'dockerode'
import type { Logger } from '../../util/logger.ts'
import { clusterLabel } from './remove-cluster.ts'

/** The Docker network that all pods of a cluster are on. */
export interface ClusterNetwork {
  id: string
  name: string
  /** A /16, e.g. `10.244.0.0/16`. */
  subnet: string
  /** Address of the engine's host on it, e.g. `10.244.0.1`; on a local Linux engine that is this machine. */
  gateway: string
}

export interface ClusterNetworkOptions {
  docker: Docker
  clusterId: string
  /** The range used at an earlier start; taken again when it is still free. */
  wantedSubnet?: string
  log: Logger
}

/**
 * Finds the cluster's network by its label, or makes it: the wanted range, else the first free one of 10.244.0.0/16,
 * 10.245.0.0/16 … that overlaps no Docker network and no route of this machine. Idempotent.
 */
export async function ensureClusterNetwork(options: ClusterNetworkOptions): Promise<ClusterNetwork> {
  const { docker, clusterId, log } = options
  const existing = await findNetwork(docker, clusterId)
  if (existing) return existing
  const networks = await docker.listNetworks()
  const taken = [
    ...networks.flatMap((network) => network.IPAM?.Config?.flatMap((config) => config.Subnet ?? []) ?? []),
    ...(await hostRoutes()),
  ].flatMap((cidr) => parseRange(cidr) ?? [])
  const name = `wheelhouse-${clusterId}`
  let refusal: unknown
  for (const subnet of candidates(options.wantedSubnet)) {
    const range = parseRange(subnet)
    if (!range || taken.some((other) => other.first <= range.last && range.first <= other.last)) continue
    const gateway = formatAddress(range.first + 1)
    try {
      const network = await docker.createNetwork({
        Name: name,
        Driver: 'bridge',
        CheckDuplicate: true,
        IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: gateway }] },
        Labels: { [clusterLabel]: clusterId },
      })
      log.info('cluster network created', { name, subnet })
      return { id: network.id, name, subnet, gateway }
    } catch (error) {
      // Another process of this cluster may have been quicker; otherwise the engine knows of an overlap that we do not.
      const raced = await findNetwork(docker, clusterId)
      if (raced) return raced
      refusal = error
    }
  }
  throw new Error(
    `no free /16 for the pod network between 10.244.0.0 and 10.255.0.0: all overlap Docker networks or routes of this ` +
      `machine. "docker network prune" removes unused ones.${refusal ? ` Docker said: ${(refusal as Error).message}` : ''}`,
    { cause: refusal },
  )
}

/** The pod range of the `index`-th node, counted from 1, e.g. `10.244.1.0/24`. Range 0 holds the gateway. */
export function nodePodRange(subnet: string, index: number): string {
  const range = parseRange(subnet)
  if (!range) throw new Error(`"${subnet}" is no IPv4 range`)
  if (!Number.isInteger(index) || index < 1 || index > 254) {
    throw new Error(`node ${index}: a cluster has room for nodes 1 to 254`)
  }
  return `${formatAddress(range.first + index * 256)}/24`
}

async function findNetwork(docker: Docker, clusterId: string): Promise<ClusterNetwork | undefined> {
  const found = await docker.listNetworks({ filters: { label: [`${clusterLabel}=${clusterId}`] } })
  for (const network of found) {
    const config = network.IPAM?.Config?.[0]
    if (config?.Subnet) {
      const gateway = config.Gateway ?? formatAddress((parseRange(config.Subnet)?.first ?? 0) + 1)
      return { id: network.Id, name: network.Name, subnet: config.Subnet, gateway }
    }
  }
  return undefined
}

function* candidates(wanted: string | undefined): Generator<string> {
  if (wanted !== undefined) yield wanted
  for (let second = 244; second <= 255; second++) yield `10.${second}.0.0/16`
}

/** Destinations of this machine's IPv4 routes but the default one; none where /proc/net/route does not exist. */
async function hostRoutes(): Promise<string[]> {
  let table: string
  try {
    table = await readFile('/proc/net/route', 'utf8')
  } catch {
    return []
  }
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.split('\t')
      const destination = littleEndian(fields[1])
      const mask = littleEndian(fields[7])
      if (destination === undefined || !mask) return []
      return [`${formatAddress(destination)}/${mask.toString(2).replaceAll('0', '').length}`]
    })
}

/** The kernel prints addresses as hexadecimal in the byte order of the machine. */
function littleEndian(hex: string | undefined): number | undefined {
  return hex && /^[0-9A-F]{8}$/.test(hex) ? Buffer.from(hex, 'hex').readUInt32LE() : undefined
}

function parseRange(cidr: string): { first: number; last: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr)
  if (!match) return undefined
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number)
  const size = 2 ** (32 - bits)
  const address = ((a * 256 + b) * 256 + c) * 256 + d
  const first = address - (address % size)
  return { first, last: first + size - 1 }
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
