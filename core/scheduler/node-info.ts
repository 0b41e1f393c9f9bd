import type { Node } from '../api/generated/core-v1.ts'
import { quantityValue } from '../api/quantity.ts'
import { normalizedImageName } from './image-name.ts'
import type { PodInfo } from './pod-info.ts'
import { addAmounts, noAmounts, parseAmounts, type Amounts } from '../api/pod-requests.ts'

/** A node with the sums over its pods, kept up to date as they come and go (upstream: framework.NodeInfo). */
export class NodeInfo {
  readonly name: string
  /** Undefined while pods are known of a node that is not. */
  node: Node | undefined
  allocatable: Amounts = noAmounts()
  allowedPods = 0
  /** Bytes of each image that is on the node, by normalised name. */
  images: ReadonlyMap<string, number> = new Map()
  readonly pods = new Map<string, PodInfo>()
  readonly requested: Amounts = noAmounts()
  readonly scoringRequested: Amounts = noAmounts()

  constructor(name: string) {
    this.name = name
  }

  setNode(node: Node): void {
    this.node = node
    this.allocatable = parseAmounts(node.status?.allocatable)
    this.allowedPods = quantityValue(node.status?.allocatable?.pods)
    this.images = new Map(
      (node.status?.images ?? []).flatMap(({ names, sizeBytes }) =>
        (names ?? []).map((name): [string, number] => [normalizedImageName(name), Number(sizeBytes ?? 0)]),
      ),
    )
  }

  addPod(info: PodInfo): void {
    this.removePod(info.key)
    this.pods.set(info.key, info)
    addAmounts(this.requested, info.requests)
    addAmounts(this.scoringRequested, info.scoringRequests)
  }

  removePod(key: string): void {
    const info = this.pods.get(key)
    if (!info) return
    this.pods.delete(key)
    addAmounts(this.requested, info.requests, -1)
    addAmounts(this.scoringRequested, info.scoringRequests, -1)
  }
}
