import { LRUCache } from 'lru-cache'
import { parseApiVersion, type Resource } from '../../api/gvk.ts'
import type { KubeObject, OwnerReference } from '../../api/meta.ts'
import { resources as known } from '../../api/resources.ts'
import { isConflict } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { createRateLimiter } from '../kit/rate-limiter.ts'
import { createWorkQueue, type WorkQueue } from '../kit/workqueue.ts'
import { UnknownOwner } from './classify-owners.ts'
import { createCollector } from './collect.ts'
import { createOwnerGraph, orphanFinalizer, type GraphNode } from './owner-graph.ts'

/** How often the list of served resources is compared (upstream: 30 s); nothing is fetched when it is the same. */
const resourcesPeriodMs = 30_000
const workers = 8
const absentCacheSize = 500

export interface GarbageCollectorOptions extends ControllerDependencies {
  /** Every resource that can be listed, watched and deleted, as discovery has it now. */
  resources: () => Resource<KubeObject>[]
}

/** The garbage collector, which can also be told that the served resources changed. */
export interface GarbageCollector extends Controller {
  /** Begins to follow resources that are new and forgets those that are gone. */
  syncResources(): void
}

function resourceKey({ group, version, resource }: Resource): string {
  return `${group}/${version}/${resource}`
}

/** Events come and go in masses and own nothing. */
function isIgnored({ group, resource }: Resource): boolean {
  return resource === 'events' && (group === '' || group === 'events.k8s.io')
}

/**
 * Deletes objects whose owners are all gone, in the background, or in the foreground with the owner waiting for those
 * that block it, and orphans dependents where that was asked for (upstream: pkg/controller/garbagecollector). It keeps
 * a graph of all objects by owner references; owners nobody has seen are virtual nodes until the server answers.
 */
export function createGarbageCollector(options: GarbageCollectorOptions): GarbageCollector {
  const { client, informers, clock } = options
  const log = options.log.child('garbage-collector')
  const recorder = options.recorder('garbage-collector-controller')
  const byKind = new Map<string, Resource<KubeObject>>()
  const followed = new Map<string, { resource: Resource<KubeObject>; handler: Disposable }>()
  const absent = new LRUCache<string, true>({ max: absentCacheSize })
  const newQueue = (name: string): WorkQueue =>
    createWorkQueue({
      clock,
      rateLimiter: createRateLimiter({ clock }),
      observer: options.observeQueue?.(name),
    })
  const deletions = newQueue('garbage_collector_attempt_to_delete')
  const orphanings = newQueue('garbage_collector_attempt_to_orphan')
  const running: Promise<void>[] = []
  let timer: Disposable | undefined
  let starting: Promise<void> | undefined

  const absentKey = ({ uid }: OwnerReference, namespace: string | undefined): string =>
    `${namespace ?? ''}/${uid}`
  function resourceOf({ apiVersion, kind }: OwnerReference): Resource<KubeObject> | undefined {
    return byKind.get(`${parseApiVersion(apiVersion).group}/${kind}`)
  }
  const graph = createOwnerGraph(resourceOf)
  const collector = createCollector({
    client,
    lookup: {
      client,
      resourceOf,
      isAbsent: (reference, namespace) => absent.has(absentKey(reference, namespace)),
      markAbsent: (reference, namespace) => void absent.set(absentKey(reference, namespace), true),
    },
    enqueue: (node) => deletions.add(node.uid),
    onGone: (node) => gone(node.uid, node),
  })

  function onObserved(resource: Resource<KubeObject>, object: KubeObject): void {
    const { node, previousOwners, created, isNew } = graph.observe(resource, object)
    for (const owner of created) deletions.add(owner.uid)
    if (isNew) checkOwnerPlaces(resource, object, node)
    else onOwnersChanged(node, previousOwners)
    if (!node.isBeingDeleted) return
    if (object.metadata.finalizers?.includes(orphanFinalizer)) orphanings.add(node.uid)
    if (node.isDeletingDependents) {
      for (const dependent of node.dependents) deletions.add(dependent.uid)
      deletions.add(node.uid)
    }
  }

  /** An owner that blocks no more, or was dropped, may be able to go now. */
  function onOwnersChanged(node: GraphNode, previous: readonly OwnerReference[]): void {
    if (previous === node.owners) return
    for (const before of previous) {
      if (!before.blockOwnerDeletion) continue
      const after = node.owners.find(({ uid }) => uid === before.uid)
      if (!after?.blockOwnerDeletion) deletions.add(before.uid)
    }
    for (const owner of node.owners) {
      if (graph.get(owner.uid)?.isDeletingDependents) deletions.add(node.uid)
    }
  }

  /** References that cannot be right: another namespace, name or kind than the owner with that uid has. */
  function checkOwnerPlaces(resource: Resource<KubeObject>, object: KubeObject, node: GraphNode): void {
    for (const reference of node.owners) {
      const owner = graph.get(reference.uid)
      if (!owner) continue
      if (owner.isDeletingDependents) deletions.add(node.uid)
      if (owner.isVirtual || !owner.resource) continue
      const isElsewhere = owner.namespace !== undefined && owner.namespace !== node.namespace
      if (!isElsewhere && owner.name === reference.name) continue
      if (isElsewhere) {
        const { apiVersion, kind, name, uid } = reference
        recorder.record(referenceTo(resource, object), {
          type: 'Warning',
          reason: 'OwnerRefInvalidNamespace',
          message: `ownerRef [${apiVersion}/${kind}, namespace: ${node.namespace ?? ''}, name: ${name}, uid: ${uid}] does not exist in namespace "${node.namespace ?? ''}"`,
        })
      }
      deletions.add(node.uid)
    }
  }

  function gone(uid: string, expected?: GraphNode): void {
    const current = graph.get(uid)
    if (expected && current !== expected) return
    const node = graph.remove(uid)
    if (!node) return
    for (const dependent of node.dependents) {
      // The same uid may have been claimed from several namespaces; each is looked up for itself.
      if (expected === undefined || dependent.namespace === node.namespace) {
        absent.set(`${dependent.namespace ?? ''}/${uid}`, true)
      }
      deletions.add(dependent.uid)
    }
    for (const owner of node.owners) {
      if (graph.get(owner.uid)?.isDeletingDependents) deletions.add(owner.uid)
    }
  }

  function follow(resource: Resource<KubeObject>): Promise<void> {
    const informer = informers.informer(resource)
    const handler = informer.addHandler({
      added: (object) => onObserved(resource, object),
      updated: (object) => onObserved(resource, object),
      deleted: (object) => gone(object.metadata.uid ?? ''),
    })
    followed.set(resourceKey(resource), { resource, handler })
    informer.start()
    return informer.whenSynced()
  }

  function syncResources(): void {
    void Promise.all(compareResources()).catch((error: unknown) =>
      log.error('cannot follow resources', { error }),
    )
  }

  function compareResources(): Promise<void>[] {
    const served = options.resources().filter((resource) => !isIgnored(resource))
    byKind.clear()
    for (const resource of served) {
      const key = `${resource.group}/${resource.kind}`
      if (!byKind.has(key)) byKind.set(key, resource)
    }
    // One version of each kind is enough to see every object.
    const wanted = new Map([...byKind.values()].map((resource) => [resourceKey(resource), resource]))
    for (const [key, { resource, handler }] of followed) {
      if (wanted.has(key)) continue
      handler[Symbol.dispose]()
      followed.delete(key)
      const isShared = Object.values(known).some((shared) => resourceKey(shared) === key)
      if (!isShared) informers.forget(resource)
      for (const node of [...graph.nodes()]) {
        if (node.resource && resourceKey(node.resource) === key) gone(node.uid)
      }
    }
    const added = [...wanted.values()].filter((resource) => !followed.has(resourceKey(resource)))
    // Objects whose owners' kind was not served before can be judged now.
    for (const node of added.length > 0 ? graph.nodes() : []) {
      if (node.resource === undefined) {
        const [dependent] = node.dependents
        const reference = dependent?.owners.find(({ uid }) => uid === node.uid)
        node.resource = reference && resourceOf(reference)
        if (node.resource) deletions.add(node.uid)
      }
    }
    return added.map(follow)
  }

  async function work(queue: WorkQueue, task: (node: GraphNode) => Promise<void>): Promise<void> {
    for (let uid = await queue.get(); uid !== undefined; uid = await queue.get()) {
      const node = graph.get(uid)
      try {
        if (node) await task(node)
        queue.forget(uid)
      } catch (error) {
        const isUnknown = error instanceof UnknownOwner
        if (!isConflict(error) && !isUnknown) log.warn('will retry', { object: node?.name, error })
        if (isUnknown && !error.isPassing) queue.forget(uid)
        else queue.addRateLimited(uid)
      } finally {
        queue.done(uid)
      }
    }
  }

  async function begin(): Promise<void> {
    // Nothing may be judged before every kind was seen: an owner not listed yet is not absent.
    await Promise.all(compareResources())
    timer = clock.every(resourcesPeriodMs, syncResources)
    for (let i = 0; i < workers; i++) running.push(work(deletions, (node) => collector.attemptToDelete(node)))
    running.push(work(orphanings, (node) => collector.attemptToOrphan(node)))
  }

  return {
    name: 'garbage-collector',
    start: () => (starting ??= begin()),
    syncResources,
    async stop() {
      timer?.[Symbol.dispose]()
      for (const { handler } of followed.values()) handler[Symbol.dispose]()
      followed.clear()
      deletions.shutDown()
      orphanings.shutDown()
      recorder[Symbol.dispose]()
      await Promise.all(running)
    },
  }
}
