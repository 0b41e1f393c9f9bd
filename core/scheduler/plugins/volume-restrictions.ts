import type { NodeInfo } from '../node-info.ts'
import type { FilterPlugin, Rejection } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const conflict: Rejection = {
  reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
  isResolvable: true,
}

function countUses(info: PodInfo, claims: ReadonlySet<string>): number {
  return info.claims.filter((key) => claims.has(key)).length
}

/** A ReadWriteOncePod claim is for one pod of the whole cluster (upstream: plugins/volumerestrictions). */
export const volumeRestrictions: FilterPlugin = {
  name: 'VolumeRestrictions',
  prepare(pod, cluster) {
    const exclusive = new Set(
      pod.claims.filter((key) => cluster.storage.claim(key)?.spec.accessModes?.includes('ReadWriteOncePod')),
    )
    if (exclusive.size === 0) return undefined
    let uses = 0
    for (const node of cluster.nodes()) {
      for (const other of node.pods.values()) uses += countUses(other, exclusive)
    }
    return {
      check: () => (uses > 0 ? conflict : undefined),
      addPod: (info: PodInfo, _node: NodeInfo) => void (uses += countUses(info, exclusive)),
      removePod: (info: PodInfo, _node: NodeInfo) => void (uses -= countUses(info, exclusive)),
    }
  },
  isHelpedBy(pod, event) {
    if (event.type === 'PodDelete') return event.pod.claims.some((key) => pod.claims.includes(key))
    return (
      event.type === 'StorageUpdate' && event.claimKey !== undefined && pod.claims.includes(event.claimKey)
    )
  },
}
