import type { Node } from '../api/generated/core-v1.ts'
import { ImageCensus } from './image-census.ts'
import { NodeInfo } from './node-info.ts'
import { NodeMemo } from './node-memo.ts'
import { PodCohorts } from './pod-cohorts.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * What is on every node: pods the API shows as assigned, and assumed ones, whose binding is still on its way. Updated by
 * each change, never by listing (upstream: pkg/scheduler/backend/cache).
 */
export interface SchedulerCache {
  /** The nodes that exist, in a stable order. */
  nodes(): readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** Results about the nodes, dropped at each change of one. */
  readonly nodeMemo: NodeMemo
  /** The pods on all nodes, those that are alike counted together. */
  readonly cohorts: PodCohorts
  /** On how many nodes an image of this normalised name is. */
  nodesWithImage(name: string): number
  setNode(node: Node): void
  removeNode(name: string): void
  /** An assigned pod appeared or changed; it confirms an assumption. Returns what was known of it. */
  setPod(info: PodInfo): PodInfo | undefined
  /** Takes a pod away. Returns what was known of it and the node it was on. */
  removePod(key: string): { info: PodInfo; node: NodeInfo } | undefined
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
  const cohorts = new PodCohorts()
  const census = new ImageCensus()
  const nodeMemo = new NodeMemo()
  let listed: NodeInfo[] | undefined

  function infoOf(name: string): NodeInfo {
    let info = infos.get(name)
    if (!info) infos.set(name, (info = new NodeInfo(name)))
    return info
  }

  function take(key: string): { info: PodInfo; node: NodeInfo } | undefined {
    const name = nodeOfPod.get(key)
    const node = name === undefined ? undefined : infos.get(name)
    const info = node?.pods.get(key)
    nodeOfPod.delete(key)
    assumed.delete(key)
    if (!node || !info) return undefined
    node.removePod(key)
    cohorts.remove(info, node)
    if (!node.node && node.pods.size === 0) infos.delete(node.name)
    return { info, node }
  }

  function put(info: PodInfo, nodeName: string): PodInfo | undefined {
    const taken = take(info.key)
    const node = infoOf(nodeName)
    node.addPod(info)
    cohorts.add(info, node)
    nodeOfPod.set(info.key, nodeName)
    return taken?.info
  }

  return {
    nodes: () => (listed ??= [...infos.values()].filter(({ node }) => node !== undefined)),
    node: (name) => infos.get(name),
    cohorts,
    nodeMemo,
    nodesWithImage: (name) => census.count(name),
    setNode(node) {
      const info = infoOf(node.metadata.name)
      if (info.node) census.remove(info.images.keys())
      else listed = undefined
      info.setNode(node)
      nodeMemo.clear()
      census.add(info.images.keys())
    },
    removeNode(name) {
      const info = infos.get(name)
      if (!info?.node) return
      census.remove(info.images.keys())
      info.node = undefined
      nodeMemo.clear()
      listed = undefined
      if (info.pods.size === 0) infos.delete(name)
    },
    setPod: (info) => put(info, info.pod.spec.nodeName ?? ''),
    removePod: take,
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
