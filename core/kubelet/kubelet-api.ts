import type { Lease } from '../api/generated/coordination-v1.ts'
import type { RuntimeClass } from '../api/generated/node-v1.ts'
import type { CSINode } from '../api/generated/storage-v1.ts'
import type { Node, Pod } from '../api/generated/core-v1.ts'
import type { StorageSource } from './volumes/storage-source.ts'
import type { DeviceClaimSource } from './pods/device-claim-source.ts'
import type { ConfigSource } from './container/config-source.ts'

/** A bound service account token and when it ends (ms since the epoch). */
export interface IssuedToken {
  token: string
  expiresAt: number
}

/** What a token is asked for (upstream: serviceaccounts/token TokenRequest). */
interface TokenWish {
  audience?: string
  expirationSeconds: number
}

/** All that the kubelet asks of the API server, apart from events and the pods it watches. */
export interface KubeletApi extends ConfigSource, StorageSource, DeviceClaimSource {
  /** Strategic merge of the status; false when the pod is gone or another one has its name. */
  patchPodStatus(pod: Pod, status: Record<string, unknown>): Promise<boolean>
  /** Removes the pod at once if it still has the same uid; resolves also when it is gone. */
  deletePod(pod: Pod): Promise<void>
  /** Makes the pod that stands for a static one; resolves also when there is one of that name. */
  createMirrorPod(pod: Pod): Promise<void>
  runtimeClass(name: string): Promise<RuntimeClass | undefined>
  requestToken(pod: Pod, wish: TokenWish): Promise<IssuedToken>
  /** The node as the process has last seen it. Costs no request; undefined before the first time. */
  seenNode(name: string): Node | undefined
  createNode(node: Node): Promise<Node>
  patchNode(name: string, patch: Record<string, unknown>): Promise<void>
  patchNodeStatus(name: string, status: Record<string, unknown>): Promise<void>
  csiNode(name: string): Promise<CSINode | undefined>
  createCsiNode(csiNode: CSINode): Promise<void>
  patchCsiNode(name: string, patch: Record<string, unknown>): Promise<void>
  createLease(lease: Lease): Promise<void>
  renewLease(name: string, renewTime: string): Promise<void>
}
