import type { Resource } from '../../api/gvk.ts'
import type { KubeObject, OwnerReference } from '../../api/meta.ts'

export const orphanFinalizer = 'orphan'
export const foregroundFinalizer = 'foregroundDeletion'

/** What the collector knows of one object. */
export interface GraphNode {
  readonly uid: string
  /** Undefined when nothing of the owner's kind is served. */
  resource: Resource<KubeObject> | undefined
  namespace: string | undefined
  name: string
  owners: readonly OwnerReference[]
  readonly dependents: Set<GraphNode>
  isBeingDeleted: boolean
  /** Being deleted in the foreground: waits for its dependents. */
  isDeletingDependents: boolean
  /** Known only from a reference; no informer has shown it. */
  isVirtual: boolean
}

/** Objects and who owns whom, by uid (upstream: pkg/controller/garbagecollector/graph.go). */
export interface OwnerGraph {
  readonly size: number
  get(uid: string): GraphNode | undefined
  /** Enters or updates an object as an informer shows it; `created` are the virtual owners that this brought in. */
  observe(
    resource: Resource<KubeObject>,
    object: KubeObject,
  ): { node: GraphNode; previousOwners: readonly OwnerReference[]; created: GraphNode[]; isNew: boolean }
  /** Takes an object out; its node tells what depended on it. A node that still has dependents is then unknown to them. */
  remove(uid: string): GraphNode | undefined
  nodes(): Iterable<GraphNode>
}

/** An empty graph. `resourceOf` finds the resource that serves a kind. */
export function createOwnerGraph(
  resourceOf: (reference: OwnerReference) => Resource<KubeObject> | undefined,
): OwnerGraph {
  const nodes = new Map<string, GraphNode>()

  function addVirtual(reference: OwnerReference, dependent: GraphNode): GraphNode {
    const resource = resourceOf(reference)
    const node: GraphNode = {
      uid: reference.uid,
      resource,
      namespace: resource?.namespaced ? dependent.namespace : undefined,
      name: reference.name,
      owners: [],
      dependents: new Set(),
      isBeingDeleted: false,
      isDeletingDependents: false,
      isVirtual: true,
    }
    nodes.set(node.uid, node)
    return node
  }

  function link(node: GraphNode, owners: readonly OwnerReference[]): GraphNode[] {
    const created: GraphNode[] = []
    const kept = new Set(owners.map(({ uid }) => uid))
    for (const { uid } of node.owners) if (!kept.has(uid)) nodes.get(uid)?.dependents.delete(node)
    for (const reference of owners) {
      let owner = nodes.get(reference.uid)
      if (!owner) created.push((owner = addVirtual(reference, node)))
      owner.dependents.add(node)
    }
    node.owners = owners
    return created
  }

  return {
    get size() {
      return nodes.size
    },
    get: (uid) => nodes.get(uid),
    nodes: () => nodes.values(),
    observe(resource, { metadata }) {
      const uid = metadata.uid ?? ''
      let node = nodes.get(uid)
      const isNew = !node || node.isVirtual
      if (!node) {
        node = {
          uid,
          resource,
          namespace: metadata.namespace,
          name: metadata.name,
          owners: [],
          dependents: new Set(),
          isBeingDeleted: false,
          isDeletingDependents: false,
          isVirtual: false,
        }
        nodes.set(uid, node)
      }
      node.isVirtual = false
      node.resource = resource
      node.namespace = metadata.namespace
      node.name = metadata.name
      node.isBeingDeleted = metadata.deletionTimestamp !== undefined
      node.isDeletingDependents =
        node.isBeingDeleted && (metadata.finalizers?.includes(foregroundFinalizer) ?? false)
      const previousOwners = node.owners
      const created = link(node, metadata.ownerReferences ?? [])
      return { node, previousOwners, created, isNew }
    },
    remove(uid) {
      const node = nodes.get(uid)
      if (!node) return undefined
      nodes.delete(uid)
      for (const owner of node.owners) nodes.get(owner.uid)?.dependents.delete(node)
      return node
    },
  }
}
