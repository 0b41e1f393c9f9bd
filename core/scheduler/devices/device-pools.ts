import { nodeTermMatcher } from '../../api/node-selector.ts'
import type { Node, NodeSelector } from '../../api/generated/core-v1.ts'
import type { CounterSet, Device, ResourceSlice } from '../../api/generated/resource-v1.ts'

/** A device as a driver published it. */
export interface PooledDevice {
  /** `driver/pool/device`. */
  readonly id: string
  readonly device: Device
  readonly slice: ResourceSlice
  readonly pool: DevicePool
}

/** The newest generation of a driver's pool, as far as it concerns one node. */
export interface DevicePool {
  /** `driver/pool`. */
  readonly id: string
  /** Not all of its slices are there yet: the driver is writing them. */
  readonly isIncomplete: boolean
  /** What its slices say contradicts itself. */
  readonly isInvalid: boolean
  /** What the node can reach, in the order of slice names. */
  readonly devices: readonly PooledDevice[]
  /** What other nodes reach and may consume the same counters. */
  readonly elsewhere: readonly PooledDevice[]
  readonly counterSets: ReadonlyMap<string, CounterSet>
}

/** Slices found quickly; made once for every state of them. */
export interface SliceIndex {
  /** What may concern a node: its own slices and those of no single node. */
  of(nodeName: string): readonly ResourceSlice[]
  /** All of a pool, whatever their generation. */
  inPool(id: string): readonly ResourceSlice[]
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

const poolId = ({ spec }: ResourceSlice): string => `${spec.driver}/${spec.pool.name}`
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Indexes slices by node and by pool. */
export function indexSlices(slices: readonly ResourceSlice[]): SliceIndex {
  const byNode = new Map<string, ResourceSlice[]>()
  const byPool = new Map<string, ResourceSlice[]>()
  const shared: ResourceSlice[] = []
  for (const slice of slices) {
    add(byPool, poolId(slice), slice)
    const { nodeName, sharedCounters } = slice.spec
    if (!nodeName || sharedCounters?.length) shared.push(slice)
    else add(byNode, nodeName, slice)
  }
  return {
    of: (nodeName) => [...(byNode.get(nodeName) ?? []), ...shared],
    inPool: (id) => byPool.get(id) ?? [],
  }
}

interface Place {
  nodeName?: string
  allNodes?: boolean
  nodeSelector?: NodeSelector
}

function reaches(node: Node, { nodeName, allNodes, nodeSelector }: Place): boolean {
  if (nodeName) return nodeName === node.metadata.name
  if (allNodes) return true
  return nodeSelector?.nodeSelectorTerms.some((term) => nodeTermMatcher(term)(node)) ?? false
}

function isRelevant(node: Node, { spec }: ResourceSlice): boolean {
  if (spec.sharedCounters?.length) return true
  if (!spec.perDeviceNodeSelection) return reaches(node, spec)
  return (spec.devices ?? []).some((device) => reaches(node, device))
}

/** The slices of the newest generation among these. */
function newest(slices: readonly ResourceSlice[]): ResourceSlice[] {
  const generation = Math.max(...slices.map(({ spec }) => Number(spec.pool.generation)))
  return slices.filter(({ spec }) => Number(spec.pool.generation) === generation)
}

/** The pools with devices for a node, in the order of their names (upstream: structured GatherPools). */
export function gatherPools(index: SliceIndex, node: Node): DevicePool[] {
  const relevant = new Map<string, ResourceSlice[]>()
  for (const slice of index.of(node.metadata.name)) {
    if (isRelevant(node, slice)) add(relevant, poolId(slice), slice)
  }
  const pools: DevicePool[] = []
  for (const [id, slices] of [...relevant].sort(([a], [b]) => byText(a, b))) {
    const pool = buildPool(id, { mine: newest(slices), all: newest(index.inPool(id)), node })
    if (pool) pools.push(pool)
  }
  return pools
}

function buildPool(
  id: string,
  { mine, all, node }: { mine: ResourceSlice[]; all: ResourceSlice[]; node: Node },
): DevicePool | undefined {
  const [first] = mine
  // The driver is replacing what this node has: what is there no longer counts.
  if (!first || all[0]?.spec.pool.generation !== first.spec.pool.generation) return undefined
  const counterSets = new Map<string, CounterSet>()
  let isInvalid = false
  for (const { spec } of all) {
    for (const set of spec.sharedCounters ?? []) {
      isInvalid ||= counterSets.has(set.name)
      counterSets.set(set.name, set)
    }
  }
  const devices: PooledDevice[] = []
  const elsewhere: PooledDevice[] = []
  const isIncomplete = all.length !== first.spec.pool.resourceSliceCount
  const pool = { id, isIncomplete, devices, elsewhere, counterSets }
  const made: DevicePool = {
    ...pool,
    get isInvalid() {
      return isInvalid
    },
  }
  const names = new Set<string>()
  for (const slice of all.toSorted((a, b) => byText(a.metadata.name, b.metadata.name))) {
    const isMine = mine.includes(slice)
    for (const device of slice.spec.devices ?? []) {
      const pooled: PooledDevice = { id: `${id}/${device.name}`, device, slice, pool: made }
      isInvalid ||= !knowsItsCounters(device, counterSets)
      const isHere = isMine && (!slice.spec.perDeviceNodeSelection || reaches(node, device))
      if (isMine) isInvalid ||= names.has(device.name)
      if (isMine) names.add(device.name)
      ;(isHere ? devices : elsewhere).push(pooled)
    }
  }
  return made
}

function knowsItsCounters({ consumesCounters = [] }: Device, sets: ReadonlyMap<string, CounterSet>): boolean {
  return consumesCounters.every(({ counterSet, counters }) => {
    const known = sets.get(counterSet)?.counters
    return known !== undefined && Object.keys(counters).every((name) => Object.hasOwn(known, name))
  })
}
