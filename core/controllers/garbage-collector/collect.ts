import type { KubeObject } from '../../api/meta.ts'
import { isNotFound } from '../../api/status.ts'
import type { Client, DeleteOptions, ObjectName } from '../../client/client.ts'
import { classifyOwners, type OwnerLookup } from './classify-owners.ts'
import { foregroundFinalizer, orphanFinalizer, type GraphNode } from './owner-graph.ts'
import { findObject } from '../../client/find-object.ts'

export interface Collector {
  /** Deletes the object if no owner holds it, or goes on with its foreground deletion. */
  attemptToDelete(node: GraphNode): Promise<void>
  /** Frees the dependents of an object that is deleted with the Orphan policy, then lets it go. */
  attemptToOrphan(node: GraphNode): Promise<void>
}

export interface CollectorOptions {
  client: Client
  lookup: OwnerLookup
  /** Asks for `attemptToDelete` of a node. */
  enqueue(node: GraphNode): void
  /** The server says the node's object is gone. */
  onGone(node: GraphNode): void
}

function refOf({ name, namespace }: GraphNode): ObjectName {
  return namespace === undefined ? { name } : { namespace, name }
}

/** The collector's two pieces of work (upstream: attemptToDeleteItem, attemptToOrphanWorker). */
export function createCollector({ client, lookup, enqueue, onGone }: CollectorOptions): Collector {
  /** The object as the server has it now; undefined when it is gone or replaced. */
  async function live(node: GraphNode): Promise<KubeObject | undefined> {
    if (!node.resource) return undefined
    const object = await findObject(client, node.resource, refOf(node))
    return object?.metadata.uid === node.uid ? object : undefined
  }

  async function dropOwners(node: GraphNode, object: KubeObject, uids: string[]): Promise<void> {
    const { resource } = node
    if (!resource || uids.length === 0) return
    const left = (object.metadata.ownerReferences ?? []).filter(({ uid }) => !uids.includes(uid))
    await patchMetadata(node, object, { ownerReferences: left })
  }

  /** Merge patch of metadata lists, refused when somebody wrote in between. */
  async function patchMetadata(
    node: GraphNode,
    object: KubeObject,
    metadata: Record<string, unknown>,
  ): Promise<void> {
    if (!node.resource) return
    const { resourceVersion, uid } = object.metadata
    const body = { metadata: { ...metadata, resourceVersion, uid } }
    try {
      await client.patch(node.resource, refOf(node), { type: 'merge', body })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function dropFinalizer(node: GraphNode, object: KubeObject, finalizer: string): Promise<void> {
    const finalizers = object.metadata.finalizers ?? []
    if (!finalizers.includes(finalizer)) return
    await patchMetadata(node, object, { finalizers: finalizers.filter((name) => name !== finalizer) })
  }

  function blockingDependents(node: GraphNode): GraphNode[] {
    return [...node.dependents].filter((dependent) =>
      dependent.owners.some(({ uid, blockOwnerDeletion }) => uid === node.uid && blockOwnerDeletion === true),
    )
  }

  async function goOnDeletingDependents(node: GraphNode, object: KubeObject): Promise<void> {
    const blocking = blockingDependents(node)
    if (blocking.length === 0) await dropFinalizer(node, object, foregroundFinalizer)
    for (const dependent of node.dependents) if (!dependent.isDeletingDependents) enqueue(dependent)
  }

  async function remove(
    node: GraphNode,
    object: KubeObject,
    propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']>,
  ): Promise<void> {
    if (!node.resource) return
    const preconditions: NonNullable<DeleteOptions['preconditions']> = { uid: node.uid }
    if (object.metadata.resourceVersion) preconditions.resourceVersion = object.metadata.resourceVersion
    try {
      await client.delete(node.resource, refOf(node), { propagationPolicy, preconditions })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** Two objects that wait for each other would wait for ever: this one no longer blocks its owners. */
  async function unblockOwners(node: GraphNode, object: KubeObject): Promise<KubeObject> {
    const references = object.metadata.ownerReferences ?? []
    if (!node.resource || !references.some(({ blockOwnerDeletion }) => blockOwnerDeletion)) return object
    await patchMetadata(node, object, {
      ownerReferences: references.map((reference) => ({ ...reference, blockOwnerDeletion: false })),
    })
    return (await live(node)) ?? object
  }

  return {
    async attemptToDelete(node) {
      if (node.isBeingDeleted && !node.isDeletingDependents) return
      // Of a kind that is not served nothing can be said.
      if (!node.resource) return
      const object = await live(node)
      if (!object) return onGone(node)
      if (node.isDeletingDependents) return goOnDeletingDependents(node, object)
      if (object.metadata.deletionTimestamp) return
      const { solid, dangling, waiting } = await classifyOwners(lookup, object)
      if (solid.length > 0) {
        const uids = [...dangling, ...waiting].map(({ uid }) => uid)
        return dropOwners(node, object, uids)
      }
      if (dangling.length === 0 && waiting.length === 0) return
      if (waiting.length > 0 && node.dependents.size > 0) {
        const isCircle = [...node.dependents].some(({ isDeletingDependents }) => isDeletingDependents)
        return remove(node, isCircle ? await unblockOwners(node, object) : object, 'Foreground')
      }
      const finalizers = object.metadata.finalizers ?? []
      if (finalizers.includes(orphanFinalizer)) return remove(node, object, 'Orphan')
      return remove(node, object, finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background')
    },

    async attemptToOrphan(node) {
      for (const dependent of [...node.dependents]) {
        const object = await live(dependent)
        if (object) await dropOwners(dependent, object, [node.uid])
      }
      const owner = await live(node)
      if (!owner?.metadata.deletionTimestamp) return
      await dropFinalizer(node, owner, orphanFinalizer)
    },
  }
}
