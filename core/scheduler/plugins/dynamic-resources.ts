import { nodeTermMatcher } from '../../api/node-selector.ts'
import type { Node } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { allocateDevices, NodeProblem, type DeviceSupply } from '../devices/allocate-devices.ts'
import type { DeviceView } from '../devices/device-view.ts'
import { deviceClaimKeys, podDeviceClaims } from '../devices/pod-device-claims.ts'
import type { FilterPlugin, Rejection } from '../plugin.ts'

function unresolvable(reason: string): Rejection {
  return { reasons: [reason], isResolvable: false }
}

/** What devices are allocated from during one attempt. */
export function deviceSupply(view: DeviceView): DeviceSupply {
  const { inUse, consumed } = view.usage()
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
  prepare({ pod }, { devices }) {
    if (!pod.spec.resourceClaims?.length) return undefined
    const claims = podDeviceClaims(pod, devices)
    if ('refusal' in claims) {
      const rejection = unresolvable(claims.refusal)
      return { refusal: claims.refusal, check: () => rejection }
    }
    const allocated = claims.filter(({ status }) => status?.allocation)
    const open = claims.filter(({ status }) => !status?.allocation)
    const supply = open.length > 0 ? deviceSupply(devices) : undefined
    return {
      check({ node }) {
        if (!node) return undefined
        if (!allocated.every((claim) => isAvailableOn(claim, node))) {
          return unresolvable('resourceclaim not available on the node')
        }
        if (!supply) return undefined
        try {
          return allocateDevices(open, node, supply) ? undefined : unresolvable('cannot allocate all claims')
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
