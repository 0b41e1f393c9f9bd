/**
 * A kind's plural with its capitals: `NetworkPolicy` of `networkpolicies` → `NetworkPolicies`. The resource name is the
 * plural in lower case; where the two have nothing in common the kind itself is given.
 */
export function pluralKind({ kind, resource }: { kind: string; resource: string }): string {
  const lower = kind.toLowerCase()
  let common = 0
  while (common < lower.length && lower[common] === resource[common]) common++
  return common < lower.length - 2 ? kind : kind.slice(0, common) + resource.slice(common)
}
