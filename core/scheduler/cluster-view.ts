import type { Pod } from '../api/generated/core-v1.ts'
import type { Labels, Matcher } from '../api/selectors.ts'
import type { DeviceView } from './devices/device-view.ts'
import type { NodeInfo } from './node-info.ts'
import type { NodeMemo } from './node-memo.ts'
import type { PodCohorts } from './pod-cohorts.ts'
import type { StorageView } from './volumes/storage-view.ts'

/** What plugins see of the cluster; the same throughout one attempt. */
export interface ClusterView {
  /** The nodes that exist, in a stable order. */
  nodes(): readonly NodeInfo[]
  /** For what plugins find out about the nodes alone. */
  readonly nodeMemo: NodeMemo
  /** Assigned and assumed pods, those that are alike counted together. */
  readonly cohorts: PodCohorts
  /** Claims, volumes and classes. */
  readonly storage: StorageView
  /** Devices and the claims for them. */
  readonly devices: DeviceView
  /** On how many nodes an image of this normalised name is. */
  nodesWithImage(name: string): number
  /** Labels of a namespace; undefined when it is not known. */
  namespaceLabels(namespace: string): Labels
  /** What selects a pod's peers: its Services and its controller; undefined when there are none. */
  peersOf(pod: Pod): Matcher | undefined
}
