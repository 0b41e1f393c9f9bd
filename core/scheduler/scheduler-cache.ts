import type { Node, Pod } from '../api/generated/core-v1.ts'
import { objectKey } from '../api/meta.ts'
import { NodeInfo } from './node-info.ts'
import { podInfo, type PodInfo } from './pod-info.ts'

/**
 * What is on every node: pods the API shows as assigned, and assumed ones, whose binding is still on its way. Updated by
 * each change, never by listing (upstream: pkg/scheduler/backend/cache).
 */
export interface SchedulerCache {
  /** The nodes that exist, in a stable order. */
  nodes(): readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  setNode(node: Node): void
  removeNode(name: string): void
  /** An assigned pod appeared or changed; it confirms an assumption. */
  setPod(pod: Pod): void
  /** Returns the name of the node it was on. */
  removePod(pod: Pod): string | undefined
  /** Counts the pod on the node before the API says so. */
  assume(info: PodInfo, nodeName: string): void
  /** Takes an assumption back. */
  forget(key: string): void
  isAssumed(key: string): boolean
}

/** An empty cache. */
export function createSchedulerCache(): SchedulerCache {
  const infos = new Map<string, NodeInfo>()
  const nodeOfPod = new Map<string, string>()
  const assumed = new Set<string>()
  let listed: NodeInfo[] | undefined

  function infoOf(name: string): NodeInfo {
    let info = infos.get(name)
    if (!info) infos.set(name, (info = new NodeInfo(name)))
    return info
  }

  function take(key: string): string | undefined {
    const name = nodeOfPod.get(key)
    if (name === undefined) return undefined
    nodeOfPod.delete(key)
    assumed.delete(key)
    const info = infos.get(name)
    info?.removePod(key)
    if (info && !info.node && info.pods.size === 0) infos.delete(name)
    return name
  }

  function put(info: PodInfo, nodeName: string): void {
    take(info.key)
    infoOf(nodeName).addPod(info)
    nodeOfPod.set(info.key, nodeName)
  }

  return {
    nodes: () => (listed ??= [...infos.values()].filter(({ node }) => node !== undefined)),
    node: (name) => infos.get(name),
    setNode(node) {
      const info = infoOf(node.metadata.name)
      if (!info.node) listed = undefined
      info.setNode(node)
    },
    removeNode(name) {
      const info = infos.get(name)
      if (!info) return
      info.node = undefined
      listed = undefined
      if (info.pods.size === 0) infos.delete(name)
    },
    setPod(pod) {
      const { nodeName } = pod.spec
      if (nodeName) put(podInfo(pod), nodeName)
    },
    removePod: (pod) => take(objectKey(pod)),
    assume(info, nodeName) {
      put(info, nodeName)
      assumed.add(info.key)
    },
    forget(key) {
      if (assumed.has(key)) take(key)
    },
    isAssumed: (key) => assumed.has(key),
  }
}
