import type { PodInfo } from './pod-info.ts'

/** Waiting pods for which room is being made on a node (upstream: the queue's nominator). */
export interface Nominator {
  /** The pods nominated for a node. */
  on(nodeName: string): readonly PodInfo[]
  /** The node a pod is nominated for. */
  nodeOf(key: string): string | undefined
  /** Nominates a pod, or brings its object up to date. */
  set(info: PodInfo, nodeName: string): void
  /** Returns what was taken back. */
  delete(key: string): { info: PodInfo; nodeName: string } | undefined
}

const nobody: readonly PodInfo[] = []

/** Without nominations. */
export function createNominator(): Nominator {
  const byPod = new Map<string, { info: PodInfo; nodeName: string }>()
  const byNode = new Map<string, PodInfo[]>()

  function take(key: string): { info: PodInfo; nodeName: string } | undefined {
    const entry = byPod.get(key)
    if (!entry) return undefined
    byPod.delete(key)
    const left = byNode.get(entry.nodeName)?.filter((info) => info.key !== key) ?? []
    if (left.length > 0) byNode.set(entry.nodeName, left)
    else byNode.delete(entry.nodeName)
    return entry
  }

  return {
    on: (nodeName) => byNode.get(nodeName) ?? nobody,
    nodeOf: (key) => byPod.get(key)?.nodeName,
    set(info, nodeName) {
      take(info.key)
      byPod.set(info.key, { info, nodeName })
      byNode.set(nodeName, [...(byNode.get(nodeName) ?? []), info])
    },
    delete: take,
  }
}
