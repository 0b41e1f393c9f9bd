import type { GroupVersionResource } from '../../api/gvk.ts'
import type { AdmissionAttributes } from '../../api/request.ts'

/**
 * Remembers, for each resource, operation and subresource, which of a list of items concern it, so that a write which
 * none concerns costs two look-ups. Resources are told apart by reference: the registry has one for each.
 */
export interface RequestIndex<T> {
  find(attributes: AdmissionAttributes): readonly T[]
}

/** An index over items that do not change; `concerns` may go by resource, operation, subresource and scope alone. */
export function createRequestIndex<T>(
  items: readonly T[],
  concerns: (item: T, attributes: AdmissionAttributes) => boolean,
): RequestIndex<T> {
  const byResource = new WeakMap<GroupVersionResource, Map<string, readonly T[]>>()
  const none: readonly T[] = []
  return {
    find(attributes) {
      if (items.length === 0) return none
      const { resource, operation, subresource } = attributes
      let known = byResource.get(resource)
      if (!known) byResource.set(resource, (known = new Map<string, readonly T[]>()))
      const key = subresource === undefined ? operation : `${operation}/${subresource}`
      let found = known.get(key)
      if (!found) known.set(key, (found = items.filter((item) => concerns(item, attributes))))
      return found
    },
  }
}
