import type { Node, Pod } from '../api/generated/core-v1.ts'
import type { ResourceClaim } from '../api/generated/resource-v1.ts'
import { objectKey, type KubeObject } from '../api/meta.ts'
import { isTerminalPhase } from '../api/pod-status.ts'
import { resources } from '../api/resources.ts'
import { deepEqual } from '../client/deep-equal.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { Informer } from '../client/informer.ts'
import type { ClusterEvent } from './cluster-event.ts'
import type { Nominator } from './nominator.ts'
import { podInfo, type PodInfo } from './pod-info.ts'
import type { SchedulerCache } from './scheduler-cache.ts'
import type { SchedulingQueue } from './scheduling-queue.ts'

export interface ClusterWatchOptions {
  informers: InformerFactory
  /** Of claims, volumes, classes and CSINodes. */
  storage: readonly Informer<KubeObject>[]
  /** Of claims for devices, their classes and slices. */
  devices: readonly Informer<KubeObject>[]
  cache: SchedulerCache
  queue: SchedulingQueue
  nominator: Nominator
  /** Whether a pod is for one of this scheduler's profiles. */
  isOurs: (pod: Pod) => boolean
  /** Told after cache and nominations show the change. */
  onEvent: (event: ClusterEvent) => void
  onPodDeleted: (pod: Pod) => void
}

/** Tells of everything that a pod may wait for on behalf of its volumes. */
function watchStorage({ storage, onEvent }: ClusterWatchOptions): Disposable[] {
  return storage.map((informer) => {
    const isClaim = informer.resource.resource === resources.persistentVolumeClaims.resource
    const tell = (object: KubeObject): void =>
      onEvent({ type: 'StorageUpdate', ...(isClaim ? { claimKey: objectKey(object) } : {}) })
    return informer.addHandler({ added: tell, updated: tell })
  })
}

/** Tells of everything that a pod may wait for on behalf of the devices it claims. */
function watchDevices({ devices, onEvent }: ClusterWatchOptions): Disposable[] {
  return devices.map((informer) => {
    if (informer.resource.resource !== resources.resourceClaims.resource) {
      const tell = (): void => onEvent({ type: 'DeviceUpdate' })
      return informer.addHandler({ added: tell, updated: tell })
    }
    const isAllocated = (claim: KubeObject): boolean =>
      (claim as ResourceClaim).status?.allocation !== undefined
    const tell = (claim: KubeObject, freesDevices: boolean): void =>
      onEvent({ type: 'DeviceUpdate', claimKey: objectKey(claim), freesDevices })
    return informer.addHandler({
      added: (claim) => tell(claim, false),
      updated: (claim, previous) => tell(claim, isAllocated(previous) && !isAllocated(claim)),
      deleted: (claim) => tell(claim, isAllocated(claim)),
    })
  })
}

/**
 * Whether a new version of a waiting pod may fit where the old one did not; of its status only the names of its claims
 * matter.
 */
function hasOtherNeeds(pod: Pod, previous: Pod): boolean {
  return (
    !deepEqual(pod.spec, previous.spec) ||
    !deepEqual(pod.metadata.labels, previous.metadata.labels) ||
    !deepEqual(pod.status?.resourceClaimStatuses, previous.status?.resourceClaimStatuses)
  )
}

/** Whether a change of a node can make room for a pod (upstream: nodeSchedulingPropertiesChange). */
function canHelp(node: Node, previous: Node): boolean {
  return (
    !deepEqual(node.spec, previous.spec) ||
    !deepEqual(node.metadata.labels, previous.metadata.labels) ||
    !deepEqual(node.status?.allocatable, previous.status?.allocatable)
  )
}

/**
 * Keeps cache, queue and nominations in step with nodes, pods and namespaces (upstream: pkg/scheduler/eventhandlers.go).
 * Dispose ends it.
 */
export function watchCluster(options: ClusterWatchOptions): Disposable {
  const { informers, cache, queue, nominator, isOurs, onEvent } = options

  function onNode(type: 'NodeAdd' | 'NodeUpdate', { metadata }: Node): void {
    const node = cache.node(metadata.name)
    if (node) onEvent({ type, node })
  }

  function onPod(pod: Pod, previous: Pod | undefined): void {
    if (pod.spec.nodeName) onAssigned(pod, pod.spec.nodeName)
    else onWaiting(pod, previous)
  }

  function onAssigned(pod: Pod, nodeName: string): void {
    const key = objectKey(pod)
    queue.delete(key)
    if (isTerminalPhase(pod.status?.phase)) {
      giveUpNomination(key)
      release(key)
      return
    }
    const wasAssumed = cache.isAssumed(key)
    const info = podInfo(pod)
    const before = cache.setPod(info)
    const nominated = nominator.nodeOf(key)
    if (nominated === nodeName) nominator.delete(key)
    else if (nominated !== undefined) giveUpNomination(key)
    const node = cache.node(nodeName)
    if (!node) return
    if (!before || wasAssumed) onEvent({ type: 'PodAdd', pod: info, node })
    else if (isOtherToPods(info, before)) onEvent({ type: 'PodUpdate', pod: info, previous: before, node })
  }

  function isOtherToPods(info: PodInfo, before: PodInfo): boolean {
    return info.cohortKey !== before.cohortKey || !deepEqual(info.requests, before.requests)
  }

  function onWaiting(pod: Pod, previous: Pod | undefined): void {
    const key = objectKey(pod)
    const mayRun = isOurs(pod) && !pod.metadata.deletionTimestamp && !isTerminalPhase(pod.status?.phase)
    if (!mayRun) {
      queue.delete(key)
      giveUpNomination(key)
      return
    }
    if (cache.isAssumed(key)) return
    const info = podInfo(pod)
    followNomination(info, previous)
    // Gated pods wait outside the queue until their last gate is gone.
    if (pod.spec.schedulingGates?.length) {
      queue.delete(key)
      return
    }
    const isSame = previous !== undefined && !hasOtherNeeds(pod, previous)
    if (isSame && queue.has(key)) queue.refresh(info)
    // One that is neither queued nor assumed and only got a new status is parked by its own attempt.
    else if (!isSame) queue.add(info)
  }

  /** What the API says counts when it changes; until then this scheduler's own nominations do. */
  function followNomination(info: PodInfo, previous: Pod | undefined): void {
    const name = info.pod.status?.nominatedNodeName
    if (name && name !== previous?.status?.nominatedNodeName) nominator.set(info, name)
    else if (!name && nominator.nodeOf(info.key) === previous?.status?.nominatedNodeName) {
      giveUpNomination(info.key)
    }
  }

  function giveUpNomination(key: string): void {
    const nomination = nominator.delete(key)
    const node = nomination && cache.node(nomination.nodeName)
    if (node) onEvent({ type: 'PodDelete', pod: nomination.info, node })
  }

  function release(key: string): void {
    const removed = cache.removePod(key)
    if (removed) onEvent({ type: 'PodDelete', pod: removed.info, node: removed.node })
  }

  const handlers = [
    informers.informer(resources.nodes).addHandler({
      added(node) {
        cache.setNode(node)
        onNode('NodeAdd', node)
      },
      updated(node, previous) {
        cache.setNode(node)
        if (canHelp(node, previous)) onNode('NodeUpdate', node)
      },
      deleted({ metadata }) {
        const node = cache.node(metadata.name)
        cache.removeNode(metadata.name)
        if (node) onEvent({ type: 'NodeDelete', node })
      },
    }),
    informers.informer(resources.pods).addHandler({
      added: (pod) => onPod(pod, undefined),
      updated: onPod,
      deleted(pod) {
        const key = objectKey(pod)
        queue.delete(key)
        options.onPodDeleted(pod)
        giveUpNomination(key)
        release(key)
      },
    }),
    ...watchStorage(options),
    ...watchDevices(options),
    informers.informer(resources.namespaces).addHandler({
      updated({ metadata }, previous) {
        if (deepEqual(metadata.labels, previous.metadata.labels)) return
        onEvent({ type: 'NamespaceUpdate', namespace: metadata.name })
      },
    }),
  ]
  return {
    [Symbol.dispose]() {
      for (const handler of handlers) handler[Symbol.dispose]()
    },
  }
}
