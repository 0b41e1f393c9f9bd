import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** A change after which a pod that no node would take may fit (upstream: framework.ClusterEvent). */
export type ClusterEvent =
  | { type: 'NodeAdd'; node: NodeInfo }
  | { type: 'NodeUpdate'; node: NodeInfo }
  | { type: 'NodeDelete'; node: NodeInfo }
  /** A pod came onto a node. */
  | { type: 'PodAdd'; pod: PodInfo; node: NodeInfo }
  /** An assigned pod's labels or requests changed, or it began to end. */
  | { type: 'PodUpdate'; pod: PodInfo; previous: PodInfo; node: NodeInfo }
  /** A pod left its node, finished, or gave up the node it was nominated for. */
  | { type: 'PodDelete'; pod: PodInfo; node: NodeInfo }
  | { type: 'NamespaceUpdate'; namespace: string }
  /** A claim (then with its key), volume, StorageClass or CSINode came or changed, or a choice of volumes was given up. */
  | { type: 'StorageUpdate'; claimKey?: string }
  /** A ResourceClaim (then with its key) came, changed or went, or slices or classes of devices changed. */
  | { type: 'DeviceUpdate'; claimKey?: string; freesDevices?: boolean }
