import { canonicalMilliQuantity } from '../../api/quantity.ts'

/**
 * Rewrites the quantities of lists of resources in place: canonical, and rounded up to thousandths (upstream:
 * pkg/apis/core/v1/defaults.go SetDefaults_ResourceList). Malformed ones stay for validation to name.
 */
export function roundQuantities(...lists: (Record<string, string> | undefined)[]): void {
  for (const list of lists) {
    for (const [name, quantity] of Object.entries(list ?? {})) {
      list![name] = canonicalMilliQuantity(quantity) ?? quantity
    }
  }
}
