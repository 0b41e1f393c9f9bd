import { groupResource, type Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { isNotFound, StatusError } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'

/** What is still in a namespace after a deletion of everything was asked for. */
export interface Remaining {
  /** `pods.`-style names with counts, sorted. */
  objects: { resource: string; count: number }[]
  finalizers: { name: string; count: number }[]
  errors: string[]
}

/**
 * Asks for the deletion of every object of every resource in a namespace and tells what is left. Pods go first: as long
 * as one runs, nothing that may confine it, such as a NetworkPolicy, is taken away (upstream: OrderedNamespaceDeletion).
 */
export async function deleteContent(
  client: Client,
  namespace: string,
  resources: Resource<KubeObject>[],
): Promise<Remaining> {
  const isPods = ({ group, resource }: Resource<KubeObject>): boolean => group === '' && resource === 'pods'
  const first = await deleteResources(client, namespace, resources.filter(isPods))
  if (first.objects.length > 0 || first.errors.length > 0) return first
  return deleteResources(
    client,
    namespace,
    resources.filter((resource) => !isPods(resource)),
  )
}

async function deleteResources(
  client: Client,
  namespace: string,
  resources: Resource<KubeObject>[],
): Promise<Remaining> {
  const remaining: Remaining = { objects: [], finalizers: [], errors: [] }
  const finalizers = new Map<string, number>()
  for (const resource of resources) {
    const label = resource.group ? groupResource(resource) : `${resource.resource}.`
    try {
      const left = await deleteAll(client, namespace, resource)
      if (left.length === 0) continue
      remaining.objects.push({ resource: label, count: left.length })
      for (const object of left) {
        for (const name of object.metadata.finalizers ?? [])
          finalizers.set(name, (finalizers.get(name) ?? 0) + 1)
      }
    } catch (error) {
      // A resource that is not served any more, or cannot be deleted in bulk, holds nothing back.
      if (isNotFound(error) || (error instanceof StatusError && error.code === 405)) continue
      remaining.errors.push(error instanceof Error ? error.message : String(error))
    }
  }
  remaining.objects.sort((a, b) => (a.resource < b.resource ? -1 : 1))
  remaining.finalizers = [...finalizers].map(([name, count]) => ({ name, count }))
  remaining.finalizers.sort((a, b) => (a.name < b.name ? -1 : 1))
  return remaining
}

async function deleteAll(
  client: Client,
  namespace: string,
  resource: Resource<KubeObject>,
): Promise<KubeObject[]> {
  const before = await client.list(resource, { namespace })
  if (before.items.length === 0) return []
  // What is being deleted already needs no second request: that could shorten its grace period.
  if (before.items.some((object) => !object.metadata.deletionTimestamp)) {
    await client.deleteCollection(resource, { namespace }, { propagationPolicy: 'Background' })
  } else return before.items
  return (await client.list(resource, { namespace })).items
}
