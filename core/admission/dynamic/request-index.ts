import type { GroupVersionResource } from '../../api/gvk.ts'
import type { AdmissionAttributes } from '../../api/request.ts'

/**
 * Remembers, for each resource, operation and subresource, what of a list of items concerns it, so that a write which
 * none concerns costs two look-ups. Resources are told apart by reference: the registry has one for each, and another
 * when a custom resource is defined anew.
 */
export interface RequestIndex<R> {
  find(attributes: AdmissionAttributes): readonly R[]
}

/**
 * An index over items that do not change. `concern` may go by resource, its equivalents, operation, subresource and scope
 * alone; it gives undefined for an item that does not concern the request.
 */
export function createRequestIndex<T, R>(
  items: readonly T[],
  concern: (item: T, attributes: AdmissionAttributes) => R | undefined,
): RequestIndex<R> {
  const byResource = new WeakMap<GroupVersionResource, Map<string, readonly R[]>>()
  const none: readonly R[] = []
  return {
    find(attributes) {
      if (items.length === 0) return none
      const { resource, operation, subresource } = attributes
      let known = byResource.get(resource)
      if (!known) byResource.set(resource, (known = new Map<string, readonly R[]>()))
      const key = subresource === undefined ? operation : `${operation}/${subresource}`
      let found = known.get(key)
      if (!found) {
        found = items.flatMap((item) => concern(item, attributes) ?? [])
        known.set(key, found)
      }
      return found
    },
  }
}
