import type { Pod } from '../../api/generated/core-v1.ts'
import type {
  DeviceRequestAllocationResult,
  DeviceTaint,
  ResourceClaim,
  ResourceSlice,
} from '../../api/generated/resource-v1.ts'
import { toleratesDevice } from '../../api/device-taints.ts'
import { controllerOf } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { deleteDisrupted } from '../kit/delete-disrupted.ts'

const byPool = 'pool'
const byAllocatedPool = 'allocatedPool'
const byConsumer = 'consumer'
const reason = 'DeviceTaintManagerEviction'

const poolOf = ({ driver, pool }: { driver: string; pool: string }): string => `${driver}/${pool}`

/**
 * Deletes pods that use devices with NoExecute taints which their claims do not tolerate, or no longer: `tolerationSeconds`
 * counts from when the taint was added (upstream: pkg/controller/devicetainteviction).
 */
export function createDeviceTaintEvictionController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('device-taint-eviction')
  const claims = informers.informer(resources.resourceClaims)
  const slices = informers.informer(resources.resourceSlices)
  slices.addIndex(byPool, ({ spec }) => [poolOf({ driver: spec.driver, pool: spec.pool.name })])
  claims.addIndex(byAllocatedPool, ({ status }) => [
    ...new Set((status?.allocation?.devices?.results ?? []).map(poolOf)),
  ])
  claims.addIndex(byConsumer, ({ status }) => (status?.reservedFor ?? []).map(({ uid }) => uid))
  /** Uids of the pods that will be deleted in a while. */
  const condemned = new Set<string>()

  /** The taints of a device as the newest generation of its pool has them. */
  function taintsOf(result: DeviceRequestAllocationResult): DeviceTaint[] {
    const inPool = slices.store.byIndex(byPool, poolOf(result))
    const newest = Math.max(...inPool.map(({ spec }) => Number(spec.pool.generation)))
    const devices = inPool
      .filter(({ spec }) => Number(spec.pool.generation) === newest)
      .flatMap(({ spec }) => spec.devices ?? [])
    return devices.find(({ name }) => name === result.device)?.taints ?? []
  }

  function endsAt({ status }: ResourceClaim): number[] {
    return (status?.allocation?.devices?.results ?? []).flatMap((result) =>
      taintsOf(result).flatMap((taint) => endOf(result, taint, clock.now()) ?? []),
    )
  }

  function consumers(claim: ResourceClaim): string[] {
    const { namespace = '' } = claim.metadata
    return (claim.status?.reservedFor ?? []).flatMap(({ apiGroup, resource, name }) =>
      !apiGroup && resource === 'pods' ? [`${namespace}/${name}`] : [],
    )
  }

  function tell(pod: Pod, message: string): void {
    recorder.record(referenceTo(resources.pods, pod), { type: 'Normal', reason, message })
  }

  return defineController(dependencies, {
    name: 'device-taint-eviction',
    for: resources.pods,
    filter({ type, object }) {
      if (type === 'deleted') condemned.delete(object.metadata.uid ?? '')
      return type !== 'deleted' && Boolean(object.spec.resourceClaims?.length)
    },
    watches: [
      watchOf(resources.resourceClaims, ({ type, object }) => (type === 'deleted' ? [] : consumers(object))),
      watchOf(resources.resourceSlices, ({ object, previous }) =>
        hasEvicting(object) || (previous && hasEvicting(previous))
          ? claims.store
              .byIndex(byAllocatedPool, poolOf({ driver: object.spec.driver, pool: object.spec.pool.name }))
              .flatMap(consumers)
          : [],
      ),
    ],
    async reconcile({ object: pod }) {
      if (!pod || pod.metadata.deletionTimestamp) return
      const { uid = '' } = pod.metadata
      const times = claims.store
        .byIndex(byConsumer, uid)
        .filter((claim) => isOf(claim, pod))
        .flatMap(endsAt)
      if (times.length === 0) {
        if (condemned.delete(uid)) tell(pod, 'Cancelling deletion')
        return
      }
      const waitMs = Math.min(...times) - clock.now()
      if (waitMs > 0) {
        condemned.add(uid)
        return { requeueAfterMs: waitMs }
      }
      tell(pod, 'Marking for deletion')
      await deleteDisrupted(client, pod, {
        reason: 'DeletionByDeviceTaintManager',
        message: 'Device Taint manager: deleting due to NoExecute taint',
        now: rfc3339(clock.now()),
      })
    },
    dispose: () => recorder[Symbol.dispose](),
  })
}

function hasEvicting({ spec }: ResourceSlice): boolean {
  return (spec.devices ?? []).some(({ taints = [] }) => taints.some(({ effect }) => effect === 'NoExecute'))
}

/** A claim that was made for another pod of the same name is none of this pod's. */
function isOf(claim: ResourceClaim, { metadata: { namespace, uid } }: Pod): boolean {
  const owner = controllerOf(claim)
  return claim.metadata.namespace === namespace && (owner?.kind !== 'Pod' || owner.uid === uid)
}

/** When a taint ends the use of a device: now, later, or never (undefined). */
function endOf(
  { tolerations = [] }: DeviceRequestAllocationResult,
  taint: DeviceTaint,
  now: number,
): number | undefined {
  if (taint.effect !== 'NoExecute') return undefined
  const since = Date.parse(taint.timeAdded ?? '')
  const start = Number.isNaN(since) ? now : since
  const matching = tolerations.filter((toleration) => toleratesDevice(toleration, taint))
  if (matching.length === 0) return start
  const limits = matching.flatMap(({ tolerationSeconds: limit }) =>
    limit === undefined ? [] : Number(limit),
  )
  return limits.length === 0 ? undefined : start + Math.max(Math.min(...limits), 0) * 1000
}
