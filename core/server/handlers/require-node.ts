import { resources } from '../../api/resources.ts'
import type { Registry } from '../../registry/registry.ts'

/** Throws the 404 of a node that there is none of (upstream: NodeConnectionInfoGetter), for pods that say to be on it. */
export async function requireNode(registry: Registry, name: string): Promise<void> {
  const { group, version, resource } = resources.nodes
  await registry.resource(group, version, resource)?.get(undefined, name)
}
