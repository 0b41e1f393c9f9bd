import type { Pod } from '../../api/generated/core-v1.ts'
import { groupResource, type Resource } from '../../api/gvk.ts'
import { objectKey, type KubeObject } from '../../api/meta.ts'
import { compareQuantity } from '../../api/quantity.ts'
import { isSameAmounts, type Amounts } from '../../api/quota/amounts.ts'
import { evaluatorFor } from '../../api/quota/evaluator.ts'
import { isCountedPod } from '../../api/quota/pod-evaluator.ts'
import { resources } from '../../api/resources.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'
import type { WorkQueue } from '../kit/workqueue.ts'
import { usedOf } from './used.ts'

/**
 * A write is charged before it is stored. Usage is lowered only when no charge came for this long, so that no charge is
 * taken back whose object is still on its way.
 */
const quietMs = 1_000

export interface ResourceQuotaControllerOptions extends ControllerDependencies {
  /** Every served resource whose objects can be counted. */
  namespacedResources: () => Resource<KubeObject>[]
}

/**
 * Keeps every quota's `status.hard` as specified and `status.used` true: counts anew when objects come, go or end (upstream:
 * pkg/controller/resourcequota). Follows only resources that some quota bounds.
 */
export function createResourceQuotaController(options: ResourceQuotaControllerOptions): Controller {
  const { client, informers, clock } = options
  const quotas = informers.informer(resources.resourceQuotas)
  const followed = new Map<string, Disposable>()
  /** By quota: the last usage that this controller wrote, and when somebody else last changed it. */
  const written = new Map<string, Amounts>()
  const chargedAt = new Map<string, number>()

  function recount(queue: WorkQueue, { group, resource }: Resource, { metadata }: KubeObject): void {
    const { namespace } = metadata
    if (namespace === undefined) return
    const evaluator = evaluatorFor({ group, resource })
    for (const quota of quotas.store.inNamespace(namespace)) {
      if (evaluator.matching(Object.keys(quota.spec.hard ?? {})).length > 0) queue.add(objectKey(quota))
    }
  }

  async function follow(resource: Resource<KubeObject>, queue: WorkQueue): Promise<void> {
    const informer = informers.informer(resource)
    const key = groupResource(resource)
    if (!followed.has(key)) {
      const tell = (object: KubeObject): void => recount(queue, resource, object)
      const handler = informer.addHandler({
        added: tell,
        deleted: tell,
        updated: (object, previous) => {
          if (changesUsage(resource, { object, previous, now: clock.now() })) tell(object)
        },
      })
      followed.set(key, handler)
    }
    informer.start()
    await informer.whenSynced()
  }

  return defineController(options, {
    name: 'resourcequota-controller',
    for: resources.resourceQuotas,
    filter({ type, object, previous }) {
      const key = objectKey(object)
      if (type === 'deleted') {
        written.delete(key)
        chargedAt.delete(key)
      } else if (previous && !isSameAmounts(object.status?.used ?? {}, previous.status?.used ?? {})) {
        if (!isSameAmounts(object.status?.used ?? {}, written.get(key) ?? {})) chargedAt.set(key, clock.now())
      }
      return type !== 'deleted'
    },
    async reconcile({ object: quota, key }, queue) {
      if (!quota) return
      const hard = quota.spec.hard ?? {}
      const bounded = boundedResources(Object.keys(hard), options.namespacedResources())
      for (const resource of bounded) await follow(resource, queue)
      const now = clock.now()
      const used = usedOf(quota, {
        now,
        resources: bounded,
        objects: (resource) => informers.informer(resource).store.inNamespace(quota.metadata.namespace),
      })
      const status = quota.status ?? {}
      const isSame = isSameAmounts(hard, status.hard ?? {}) && isSameAmounts(used, status.used ?? {})
      if (isSame && status.hard && status.used) return
      const quietIn = (chargedAt.get(key) ?? -Infinity) + quietMs - now
      if (quietIn > 0 && isLower(used, status.used ?? {})) return { requeueAfterMs: quietIn }
      written.set(key, used)
      await client.updateStatus(resources.resourceQuotas, { ...quota, status: { hard, used } })
    },
    dispose() {
      for (const handler of followed.values()) handler[Symbol.dispose]()
    },
  })
}

/** The resources that some of these names bound. */
function boundedResources(names: string[], served: Resource<KubeObject>[]): Resource<KubeObject>[] {
  const seen = new Set<string>()
  return served.filter((resource) => {
    const key = groupResource(resource)
    if (seen.has(key) || evaluatorFor(resource).matching(names).length === 0) return false
    seen.add(key)
    return true
  })
}

function isLower(used: Amounts, before: Amounts): boolean {
  return Object.keys(used).some((name) => compareQuantity(used[name]!, before[name] ?? '0') < 0)
}

/** Whether an update of an object can change what it uses; most updates of pods cannot. */
function changesUsage(
  resource: Resource,
  { object, previous, now }: { object: KubeObject; previous: KubeObject; now: number },
): boolean {
  if (resource.group !== '') return false
  if (resource.resource === 'services' || resource.resource === 'persistentvolumeclaims') return true
  if (resource.resource !== 'pods') return false
  const [next, before] = [object as Pod, previous as Pod]
  if (isCountedPod(next, now) !== isCountedPod(before, now)) return true
  return next.metadata.generation !== before.metadata.generation
}
