import type { AllocationResult, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { allocateDevices } from '../devices/allocate-devices.ts'
import { podDeviceClaims } from '../devices/pod-device-claims.ts'
import { normalizeToMax, type ScorePlugin } from '../plugin.ts'
import { deviceSupply } from './dynamic-resources.ts'

/** As many alternatives a request may have (upstream: FirstAvailableDeviceRequestMaxSize). */
const mostAlternatives = 8

/**
 * Nodes are better where requests get the alternatives they name earlier (upstream: plugins/dynamicresources computeScore).
 * Asks for devices once more on every node, so only for pods that have alternatives.
 */
export const dynamicResourcesScore: ScorePlugin = {
  name: 'DynamicResources',
  weight: 1,
  prepare({ pod }, { devices }) {
    if (!pod.spec.resourceClaims?.length) return undefined
    const claims = podDeviceClaims(pod, devices)
    if ('refusal' in claims) return undefined
    const open = claims.filter(({ status }) => !status?.allocation)
    const hasAlternatives = open.some(({ spec }) =>
      spec.devices?.requests?.some(({ firstAvailable = [] }) => firstAvailable.length > 1),
    )
    if (!hasAlternatives) return undefined
    const supply = deviceSupply(devices, pod)
    return ({ node }) => {
      const results = node && allocateDevices(open, node, supply)
      return results ? open.reduce((sum, claim, at) => sum + scoreOf(claim, results[at]), 0) : 0
    }
  },
  normalize: (scores) => normalizeToMax(scores, false),
}

function scoreOf({ spec }: ResourceClaim, result: AllocationResult | undefined): number {
  const given = new Set((result?.devices?.results ?? []).map(({ request }) => request))
  return (spec.devices?.requests ?? []).reduce((sum, { name, firstAvailable = [] }) => {
    const rank = firstAvailable.findIndex((one) => given.has(`${name}/${one.name}`))
    return rank < 0 ? sum : sum + mostAlternatives - rank
  }, 0)
}
