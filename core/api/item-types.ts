import type { KubeList, KubeObject } from './meta.ts'

/**
 * Gives the items of a list their kind and apiVersion, which servers leave to the list for built-in kinds (upstream: what the
 * decoders of client-go do for `unstructured.UnstructuredList`). Anything else comes back as it is.
 */
export function withItemTypes<T extends KubeObject | KubeList>(answer: T): T {
  const { kind, apiVersion, items } = answer as Partial<KubeList>
  if (!kind?.endsWith('List') || !Array.isArray(items)) return answer
  const type = { kind: kind.slice(0, -'List'.length), ...(apiVersion !== undefined && { apiVersion }) }
  return { ...answer, items: items.map((item) => (item.kind === undefined ? { ...type, ...item } : item)) }
}
