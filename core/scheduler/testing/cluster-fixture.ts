import type { Node, Pod, PodSpec } from '../../api/generated/core-v1.ts'
import type { Labels } from '../../api/selectors.ts'
import type { ClusterView } from '../cluster-view.ts'
import { podInfo, type PodInfo } from '../pod-info.ts'
import { createSchedulerCache, type SchedulerCache } from '../scheduler-cache.ts'
import { indexSlices } from '../devices/device-pools.ts'
import type { DeviceView } from '../devices/device-view.ts'
import type { FilterPlugin, ScorePlugin } from '../plugin.ts'
import type { StorageView } from '../volumes/storage-view.ts'

/** A node of this name and labels with room for much. */
export function node(
  name: string,
  labels: Record<string, string> = {},
  more: { spec?: Node['spec']; status?: Node['status'] } = {},
): Node {
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110' }
  const all = { 'kubernetes.io/hostname': name, ...labels }
  const status = { allocatable, ...more.status }
  return { spec: more.spec ?? {}, status, metadata: { name, labels: all } }
}

export interface PodOptions {
  namespace?: string
  labels?: Record<string, string>
  node?: string
  priority?: number
  terminating?: boolean
  spec?: Partial<PodSpec>
  status?: Pod['status']
}

/** A pod; with `node` one that is assigned. */
export function pod(name: string, options: PodOptions = {}): PodInfo {
  const { namespace = 'default', labels, node: nodeName, priority = 0, terminating, spec, status } = options
  return podInfo({
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      ...(labels ? { labels } : {}),
      ...(terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { containers: [{ name: 'c', image: 'x' }], priority, ...(nodeName ? { nodeName } : {}), ...spec },
    ...(status ? { status } : {}),
  })
}

const noStorage: StorageView = {
  claim: () => undefined,
  volume: () => undefined,
  volumesOfClass: () => [],
  storageClass: () => undefined,
  csiNode: () => undefined,
  assumedClaimOf: () => undefined,
  assumedNodeOf: () => undefined,
}

const noDevices: DeviceView = {
  claim: () => undefined,
  classOf: () => undefined,
  slices: indexSlices([]),
  classOfResource: () => undefined,
  leftovers: () => [],
  usage: () => ({ inUse: new Set(), consumed: new Map() }),
  matches: () => false,
  watchClaim: () => ({ [Symbol.dispose]: () => undefined }),
}

/** A scheduler's view of these nodes and pods. */
export function clusterOf(
  nodes: readonly Node[],
  pods: readonly PodInfo[],
  more: { namespaces?: Record<string, Labels>; storage?: Partial<StorageView>; devices?: DeviceView } = {},
): ClusterView & { cache: SchedulerCache } {
  const cache = createSchedulerCache()
  for (const object of nodes) cache.setNode(object)
  for (const info of pods) cache.setPod(info)
  return {
    cache,
    nodes: cache.nodes,
    nodeMemo: cache.nodeMemo,
    cohorts: cache.cohorts,
    nodesWithImage: cache.nodesWithImage,
    storage: { ...noStorage, ...more.storage },
    devices: more.devices ?? noDevices,
    namespaceLabels: (name) => more.namespaces?.[name],
    peersOf: () => undefined,
  }
}

/** Per node the plugin's reasons, or an empty list where it lets the pod in. */
export function verdicts(
  plugin: FilterPlugin,
  info: PodInfo,
  cluster: ClusterView,
): Record<string, string[]> {
  const filter = plugin.prepare(info, cluster)
  return Object.fromEntries(cluster.nodes().map((entry) => [entry.name, filter?.check(entry)?.reasons ?? []]))
}

/** Per node the plugin's normalised score; undefined when it has none to give. */
export function scoresOf(
  plugin: ScorePlugin,
  info: PodInfo,
  cluster: ClusterView,
): Record<string, number> | undefined {
  const nodes = cluster.nodes()
  const score = plugin.prepare(info, cluster, nodes)
  if (!score) return undefined
  const raw = nodes.map(score)
  const scores = plugin.normalize?.(raw) ?? raw
  return Object.fromEntries(nodes.map(({ name }, index) => [name, scores[index] ?? 0]))
}
