import { isConditionTrue, setCondition } from '../../api/conditions.ts'
import type { Namespace, NamespaceCondition } from '../../api/generated/core-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import { createClient } from '../../client/client.ts'
import type { Transport } from '../../client/transport.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { conditionsOf } from './conditions.ts'
import { deleteContent, type ContentResource, type Remaining } from './delete-content.ts'

const finalizer = 'kubernetes'
/** How soon content that is still there is looked at again. Pods that go away ask for it at once. */
const firstLookMs = 100
const longestLookMs = 5_000

/** What extension API servers serve, and the way to them. */
export interface AggregatedResources {
  /** Each in one version, as their discovery last said. */
  resources(): { resource: Resource<KubeObject>; verbs: readonly string[] }[]
  /** Through the aggregator, and so over HTTP. */
  transport: Transport
}

/** What namespace deletion needs beyond the usual. */
export interface NamespaceControllerOptions extends ControllerDependencies {
  /** Every namespaced resource that can be listed and deleted, as discovery has it now. */
  namespacedResources: () => Resource<KubeObject>[]
  /** What extension API servers serve; absent: there are none. */
  aggregated?: AggregatedResources
}

/**
 * Empties namespaces that are being deleted, says in their conditions what still remains, and then lets go of them by
 * taking the `kubernetes` finalizer out of the spec (upstream: pkg/controller/namespace/deletion).
 */
export function createNamespaceController(options: NamespaceControllerOptions): Controller {
  const { client, clock, namespacedResources, aggregated } = options
  const remote = aggregated && createClient(aggregated.transport)
  const looks = new Map<string, number>()

  async function writeConditions(
    namespace: Namespace,
    remaining: Remaining,
    undiscovered: string[],
  ): Promise<Namespace> {
    const now = rfc3339(clock.now())
    let conditions: NamespaceCondition[] = namespace.status?.conditions ?? []
    for (const condition of conditionsOf(remaining, undiscovered))
      conditions = setCondition(conditions, condition, now)
    if (conditions === namespace.status?.conditions) return namespace
    const status = { ...namespace.status, phase: 'Terminating', conditions }
    return client.updateStatus(resources.namespaces, { ...namespace, status })
  }

  /** Group versions of extension API servers that do not answer: nobody knows what of them is in the namespace. */
  async function undiscoveredVersions(): Promise<string[]> {
    const { items } = await client.list(resources.apiServices)
    return items
      .filter(({ spec, status }) => spec.service && !isConditionTrue(status?.conditions, 'Available'))
      .map(({ spec }) => `${spec.group}/${spec.version}`)
      .sort()
  }

  function content(): ContentResource[] {
    const own = namespacedResources().map((resource) => ({ client, resource, hasDeleteCollection: true }))
    const others = aggregated?.resources() ?? []
    return [
      ...own,
      ...others
        .filter(
          ({ resource, verbs }) => resource.namespaced && verbs.includes('list') && verbs.includes('delete'),
        )
        .map(({ resource, verbs }) => ({
          client: remote!,
          resource,
          hasDeleteCollection: verbs.includes('deletecollection'),
        })),
    ]
  }

  async function finalize(namespace: Namespace): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== finalizer)
    if (finalizers.length === (namespace.spec?.finalizers ?? []).length) return
    const body = {
      ...namespace,
      apiVersion: 'v1',
      kind: 'Namespace',
      spec: { ...namespace.spec, finalizers },
    }
    const { name } = namespace.metadata
    await client.updateSubresource(resources.namespaces, { name, subresource: 'finalize' }, body)
  }

  async function reconcile(cached: Namespace): Promise<{ requeueAfterMs: number } | void> {
    const { name, uid } = cached.metadata
    // The cache may be older than the last status this loop wrote.
    const namespace = await client.get(resources.namespaces, { name })
    if (namespace.metadata.uid !== uid || !namespace.spec?.finalizers?.includes(finalizer)) return
    const remaining = await deleteContent(name, content())
    const undiscovered = await undiscoveredVersions()
    const isHeld = remaining.objects.length > 0 || remaining.errors.length > 0 || undiscovered.length > 0
    if (!isHeld && !namespace.status?.conditions?.length) return finalize(namespace)
    const written = await writeConditions(namespace, remaining, undiscovered)
    if (!isHeld) return finalize(written)
    const look = looks.get(name) ?? firstLookMs
    looks.set(name, Math.min(look * 2, longestLookMs))
    return { requeueAfterMs: look }
  }

  return defineController(options, {
    name: 'namespace',
    for: resources.namespaces,
    filter: ({ type, object }) => type === 'deleted' || object.metadata.deletionTimestamp !== undefined,
    watches: [
      watchOf(resources.pods, ({ type, object }) => {
        const { namespace } = object.metadata
        return type === 'deleted' && namespace && looks.has(namespace) ? [namespace] : []
      }),
    ],
    workers: 10,
    async reconcile({ name, object }) {
      if (!object) {
        looks.delete(name)
        return
      }
      try {
        return await reconcile(object)
      } catch (error) {
        if (isNotFound(error)) return
        if (isConflict(error)) return { requeueAfterMs: firstLookMs }
        throw error
      }
    },
  })
}
