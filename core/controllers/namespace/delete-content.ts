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

/** A resource with who serves it, and what it can. */
export interface ContentResource {
  client: Client
  resource: Resource<KubeObject>
  /** Whether it can be deleted in bulk; else its objects go one by one. */
  hasDeleteCollection: boolean
}

/**
 * Asks for the deletion of every object of every resource in a namespace and tells what is left. Pods go first: as long
 * as one runs, nothing that may confine it, such as a NetworkPolicy, is taken away (upstream: OrderedNamespaceDeletion).
 */
export async function deleteContent(namespace: string, resources: ContentResource[]): Promise<Remaining> {
  const isPods = ({ resource: { group, resource } }: ContentResource): boolean =>
    group === '' && resource === 'pods'
  const first = await deleteResources(namespace, resources.filter(isPods))
  if (first.objects.length > 0 || first.errors.length > 0) return first
  return deleteResources(
    namespace,
    resources.filter((resource) => !isPods(resource)),
  )
}

async function deleteResources(namespace: string, resources: ContentResource[]): Promise<Remaining> {
  const remaining: Remaining = { objects: [], finalizers: [], errors: [] }
  const finalizers = new Map<string, number>()
  for (const content of resources) {
    const { resource } = content
    const label = resource.group ? groupResource(resource) : `${resource.resource}.`
    try {
      const left = await deleteAll(namespace, content)
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
  namespace: string,
  { client, resource, hasDeleteCollection }: ContentResource,
): Promise<KubeObject[]> {
  const before = await client.list(resource, { namespace })
  if (before.items.length === 0) return []
  // What is being deleted already needs no second request: that could shorten its grace period.
  const staying = before.items.filter(({ metadata }) => !metadata.deletionTimestamp)
  if (staying.length === 0) return before.items
  if (hasDeleteCollection) {
    await client.deleteCollection(resource, { namespace }, { propagationPolicy: 'Background' })
  } else {
    for (const { metadata } of staying) {
      const ref = { namespace, name: metadata.name }
      await client.delete(resource, ref, { propagationPolicy: 'Background' }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
    }
  }
  return (await client.list(resource, { namespace })).items
}
