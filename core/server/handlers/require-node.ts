import { resources } from '../../api/resources.ts'
import { isNotFound, notFound } from '../../api/status.ts'
import type { Registry } from '../../registry/registry.ts'

/**
 * Throws 404 when there is no node of that name, which a request is to be handed to. As upstream's it speaks of the resource
 * that was asked for, such as pods.
 */
export async function requireNode(
  registry: Registry,
  name: string,
  asked: { group: string; resource: string } = resources.pods,
): Promise<void> {
  const { group, version, resource } = resources.nodes
  try {
    await registry.resource(group, version, resource)?.get(undefined, name)
  } catch (error) {
    throw isNotFound(error) ? notFound(asked, name) : error
  }
}
