import type { FilterPlugin } from '../plugin.ts'

/**
 * Devices are not allocated here: a pod that claims some stays Pending with upstream's reason, and never runs without them
 * (upstream: plugins/dynamicresources).
 */
export const dynamicResources: FilterPlugin = {
  name: 'DynamicResources',
  prepare({ pod }) {
    if (!pod.spec.resourceClaims?.length) return undefined
    return { check: () => ({ reasons: ['cannot allocate all claims'], isResolvable: false }) }
  },
}
