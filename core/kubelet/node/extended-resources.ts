import type { Node } from '../../api/generated/core-v1.ts'
import { isExtendedResource } from '../../api/extended-resources.ts'

/** Extended resources of a node: amounts by name, and those that are to go. */
export interface ExtendedResources {
  amounts: Record<string, string>
  gone: string[]
}

/**
 * What others put into the capacity of a node: all of it can be allocated, until they take it away again (upstream:
 * kubelet/nodestatus, MachineInfo).
 */
export function extendedResources(node: Node | undefined): ExtendedResources {
  const { capacity = {}, allocatable = {} } = node?.status ?? {}
  const amounts = Object.fromEntries(Object.entries(capacity).filter(([name]) => isExtendedResource(name)))
  const gone = Object.keys(allocatable).filter((name) => isExtendedResource(name) && !(name in amounts))
  return { amounts, gone }
}
