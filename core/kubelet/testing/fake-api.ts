import { randomUUID } from 'node:crypto'
import type { Lease } from '../../api/generated/coordination-v1.ts'
import type {
  ConfigMap,
  Node,
  ObjectReference,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
} from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import type { RuntimeClass } from '../../api/generated/node-v1.ts'
import type { CSIDriver, CSINode } from '../../api/generated/storage-v1.ts'
import { claimKeysOf } from '../../api/pod-claims.ts'
import { notFound } from '../../api/status.ts'
import type { KubeletApi } from '../kubelet-api.ts'
import type { EventSink, EventText } from '../pods/pod-events.ts'
import type { PodSource } from '../pods/pod-source.ts'

/** For tests of the kubelet: the part of an API server it talks to, in memory. */
export interface FakeApi extends KubeletApi, PodSource, EventSink {
  pods: Map<string, Pod>
  nodes: Map<string, Node>
  leases: Map<string, Lease>
  configMaps: Map<string, ConfigMap>
  secrets: Map<string, Secret>
  runtimeClasses: Map<string, RuntimeClass>
  resourceClaims: Map<string, ResourceClaim>
  claims: Map<string, PersistentVolumeClaim>
  persistentVolumes: Map<string, PersistentVolume>
  csiDrivers: Map<string, CSIDriver>
  csiNodes: Map<string, CSINode>
  events: Array<EventText & { involved: ObjectReference }>
  statusPatches: number
  issuedTokens: number
  createPod(pod: Pod): Pod
  /** Graceful as kubectl's: sets the timestamp; with 0 seconds the pod is gone at once. */
  requestDeletion(uid: string, graceSeconds: number, now: number): void
  /** A change of the spec, as through a subresource: a new generation. */
  changeSpec(uid: string, spec: Partial<Pod['spec']>): void
  pod(uid: string): Pod | undefined
}

function mergeByType(old: unknown, patch: unknown): unknown {
  const entries = [...((old as Array<{ type: string }> | undefined) ?? [])]
  for (const entry of patch as Array<{ type: string }>) {
    const index = entries.findIndex(({ type }) => type === entry.type)
    if ('$patch' in entry) entries.splice(index, index < 0 ? 0 : 1)
    else if (index < 0) entries.push(entry)
    else entries[index] = { ...entries[index], ...entry }
  }
  return entries
}

function applyStatus(old: object | undefined, patch: Record<string, unknown>): Record<string, unknown> {
  const status: Record<string, unknown> = { ...old }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete status[key]
    else if (key === 'capacity' || key === 'allocatable')
      status[key] = applyStatus(status[key] as object | undefined, value as Record<string, unknown>)
    else status[key] = key === 'conditions' ? mergeByType(status[key], value) : value
  }
  return status
}

/** An API without objects; `now` is its clock (ms). */
export function createFakeApi(now: () => number = Date.now): FakeApi {
  type Handler = Parameters<PodSource['start']>[0]
  const handlers = new Set<Handler>()

  function publish(pod: Pod): void {
    api.pods.set(pod.metadata.uid!, pod)
    for (const handler of handlers) handler.onPod(pod)
  }

  function remove(uid: string): void {
    const pod = api.pods.get(uid)
    if (!pod) return
    api.pods.delete(uid)
    for (const handler of handlers) handler.onRemoved(pod)
  }

  const api: FakeApi = {
    pods: new Map(),
    nodes: new Map(),
    leases: new Map(),
    configMaps: new Map(),
    secrets: new Map(),
    runtimeClasses: new Map(),
    resourceClaims: new Map(),
    claims: new Map(),
    persistentVolumes: new Map(),
    csiDrivers: new Map(),
    csiNodes: new Map(),
    events: [],
    statusPatches: 0,
    issuedTokens: 0,

    createPod(pod) {
      const created = { ...pod, metadata: { uid: randomUUID(), generation: 1, ...pod.metadata } }
      publish(created)
      return created
    },
    requestDeletion(uid, graceSeconds, now) {
      const pod = api.pods.get(uid)
      if (!pod) return
      if (graceSeconds === 0) {
        remove(uid)
        return
      }
      const deletionTimestamp = new Date(now + graceSeconds * 1000).toISOString().replace(/\.\d+Z/, 'Z')
      publish({
        ...pod,
        metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds },
      })
    },
    changeSpec(uid, spec) {
      const pod = api.pods.get(uid)!
      const generation = (pod.metadata.generation ?? 1) + 1
      publish({ ...pod, metadata: { ...pod.metadata, generation }, spec: { ...pod.spec, ...spec } })
    },
    pod: (uid) => api.pods.get(uid),

    async start(handler) {
      handlers.add(handler)
      for (const pod of api.pods.values()) handler.onPod(pod)
      return { [Symbol.dispose]: () => void handlers.delete(handler) }
    },
    record: (involved, event) => void api.events.push({ involved, ...event }),

    configMap: async (namespace, name) => api.configMaps.get(`${namespace}/${name}`),
    secret: async (namespace, name) => api.secrets.get(`${namespace}/${name}`),
    resourceClaim: async (namespace, name) => api.resourceClaims.get(`${namespace}/${name}`),
    claim: async (namespace, name) => api.claims.get(`${namespace}/${name}`),
    persistentVolume: async (name) => api.persistentVolumes.get(name),
    csiDriver: async (name) => api.csiDrivers.get(name),
    podsUsing: async (key) => [...api.pods.values()].filter((pod) => claimKeysOf(pod).includes(key)),
    async patchPodStatus(pod, patch) {
      const current = api.pods.get(pod.metadata.uid!)
      if (!current) return false
      api.statusPatches++
      publish({ ...current, status: applyStatus(current.status, patch) })
      return true
    },
    async deletePod(pod) {
      remove(pod.metadata.uid!)
    },
    async createMirrorPod(pod) {
      api.createPod(pod)
    },
    runtimeClass: async (name) => api.runtimeClasses.get(name),
    async requestToken(pod, wish) {
      api.issuedTokens++
      return {
        token: `token-of-${pod.metadata.name}-for-${wish.audience ?? 'api'}`,
        expiresAt: now() + wish.expirationSeconds * 1000,
      }
    },
    getNode: async (name) => api.nodes.get(name),
    seenNode: (name) => api.nodes.get(name),
    async createNode(node) {
      const created = { ...node, metadata: { uid: randomUUID(), ...node.metadata } }
      api.nodes.set(node.metadata.name, created)
      return created
    },
    async patchNode(name, patch) {
      const node = api.nodes.get(name)
      const { labels, annotations } = patch['metadata'] as Pick<Node['metadata'], 'labels' | 'annotations'>
      if (!node) return
      node.metadata.labels = { ...node.metadata.labels, ...labels }
      node.metadata.annotations = { ...node.metadata.annotations, ...annotations }
    },
    csiNode: async (name) => api.csiNodes.get(name),
    async createCsiNode(csiNode) {
      api.csiNodes.set(csiNode.metadata.name, csiNode)
    },
    async patchCsiNode(name, patch) {
      const csiNode = api.csiNodes.get(name)
      if (csiNode) Object.assign(csiNode.metadata, patch['metadata'])
    },
    async patchNodeStatus(name, status) {
      const node = api.nodes.get(name)
      if (!node) throw notFound({ group: '', resource: 'nodes' }, name)
      api.nodes.set(name, { ...node, status: applyStatus(node.status, status) })
    },
    async createLease(lease) {
      api.leases.set(lease.metadata.name, lease)
    },
    async renewLease(name, renewTime) {
      const lease = api.leases.get(name)
      if (!lease) throw notFound({ group: 'coordination.k8s.io', resource: 'leases' }, name)
      api.leases.set(name, { ...lease, spec: { ...lease.spec, renewTime } })
    },
  }
  return api
}
