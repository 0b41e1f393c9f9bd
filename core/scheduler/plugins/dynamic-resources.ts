import { nodeTermMatcher } from '../../api/node-selector.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { allocateDevices, NodeProblem, type DeviceSupply } from '../devices/allocate-devices.ts'
import type { DeviceView } from '../devices/device-view.ts'
import { extendedClaim, neededOn, resourcesOfDevices } from '../devices/extended-requests.ts'
import { deviceClaimKeys, podDeviceClaims } from '../devices/pod-device-claims.ts'
import type { FilterPlugin, Rejection } from '../plugin.ts'

function unresolvable(reason: string): Rejection {
  return { reasons: [reason], isResolvable: false }
}

/** What devices are allocated from during one attempt. */
export function deviceSupply(view: DeviceView, pod: Pod): DeviceSupply {
  const { inUse, consumed } = view.usage(pod)
  return {
    slices: view.slices,
    classOf: (name) => view.classOf(name),
    judge: view,
    isInUse: (id) => inUse.has(id),
    consumed: (id) => consumed.get(id),
  }
}

function isAvailableOn({ status }: ResourceClaim, node: Node): boolean {
  const { nodeSelector } = status?.allocation ?? {}
  return nodeSelector?.nodeSelectorTerms.some((term) => nodeTermMatcher(term)(node)) ?? true
}

/**
 * The devices that the pod claims can be had on the node (upstream: plugins/dynamicresources). What is chosen is written by
 * `createDeviceReservations` before the pod is bound.
 */
export const dynamicResources: FilterPlugin = {
  name: 'DynamicResources',
  prepare(info, { devices }) {
    const { pod } = info
    const resources = resourcesOfDevices(info, devices.classOfResource)
    if (!pod.spec.resourceClaims?.length && resources.length === 0) return undefined
    const claims = podDeviceClaims(pod, devices)
    if ('refusal' in claims) {
      const rejection = unresolvable(claims.refusal)
      return { refusal: claims.refusal, check: () => rejection }
    }
    const allocated = claims.filter(({ status }) => status?.allocation)
    const open = claims.filter(({ status }) => !status?.allocation)
    const supply = open.length + resources.length > 0 ? deviceSupply(devices, pod) : undefined
    const extended = new Map<string, ResourceClaim>()
    /** What is claimed for resources that a node has no other way to give: the same on most nodes. */
    const extendedFor = (needed: string[]): ResourceClaim => {
      const key = needed.join()
      const claim = extended.get(key) ?? extendedClaim(pod, needed, devices.classOfResource).claim
      extended.set(key, claim)
      return claim
    }
    return {
      check({ node, allocatable }) {
        if (!node) return undefined
        if (!allocated.every((claim) => isAvailableOn(claim, node))) {
          return unresolvable('resourceclaim not available on the node')
        }
        const needed = neededOn(allocatable, resources)
        const wanted = needed.length > 0 ? [...open, extendedFor(needed)] : open
        if (!supply || wanted.length === 0) return undefined
        try {
          return allocateDevices(wanted, node, supply)
            ? undefined
            : unresolvable('cannot allocate all claims')
        } catch (error) {
          const { message } = error as Error
          return unresolvable(
            error instanceof NodeProblem ? message : `running "DynamicResources" filter plugin: ${message}`,
          )
        }
      },
    }
  },
  isHelpedBy({ pod }, event) {
    switch (event.type) {
      case 'NodeAdd':
      case 'NodeUpdate':
        return true
      case 'DeviceUpdate':
        return (
          event.claimKey === undefined || event.freesDevices || deviceClaimKeys(pod).includes(event.claimKey)
        )
      default:
        return false
    }
  },
}
