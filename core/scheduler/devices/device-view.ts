import { compileDeviceSelector, type DeviceSelectorProgram } from '../../cel/device-selector.ts'
import type { AllocationResult, DeviceClass, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { controllerOf, objectKey, type KubeObject } from '../../api/meta.ts'
import { deviceClassPrefix } from '../../api/extended-resources.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { parseNano } from '../../api/quantity.ts'
import { resources } from '../../api/resources.ts'
import type { InformerFactory } from '../../client/informer-factory.ts'
import type { Informer } from '../../client/informer.ts'
import { LRUCache } from 'lru-cache'
import type { ConsumedCapacity } from './device-capacity.ts'
import { extendedClaimAnnotation } from './extended-requests.ts'
import { indexSlices, type PooledDevice, type SliceIndex } from './device-pools.ts'

/** What plugins see of devices and their claims. */
export interface DeviceView {
  /** By `namespace/name`; with an allocation that is decided and not written yet. */
  claim(key: string): ResourceClaim | undefined
  classOf(name: string): DeviceClass | undefined
  /** The class whose devices stand behind an extended resource; of several the newest (upstream: DeviceClassResolver). */
  classOfResource(resource: string): DeviceClass | undefined
  readonly slices: SliceIndex
  /** What claims have of the devices; not counted is what was made for the extended resources of this pod, which gives way. */
  usage(exceptFor?: Pod): DeviceUsage
  /** What was made for the extended resources of a pod in an attempt to place it that came to nothing. */
  leftovers(pod: Pod): ResourceClaim[]
  /** Whether an expression means the device; throws with what is wrong with it. */
  matches(expression: string, device: PooledDevice): boolean
  /** Calls the listener whenever the claim has changed or is gone. */
  watchClaim(key: string, listener: () => void): Disposable
}

/** What claims have, by `driver/pool/device`. */
export interface DeviceUsage {
  /** Devices that one claim has as a whole. */
  readonly inUse: ReadonlySet<string>
  /** Of devices that several may have, what they have together. */
  readonly consumed: ReadonlyMap<string, ConsumedCapacity>
}

/** Allocations that are decided and not seen in the API yet, by claim (upstream: inFlightAllocations). */
export type AssumedAllocations = Map<string, AllocationResult>

const byAllocation = 'allocated'
const byExtendedPod = 'extended-pod'
const byResource = 'resource'
/** Different expressions are few: those of the classes, mostly. */
const mostPrograms = 500

/** The informers that devices are read from, and the view over them. */
export function createDeviceView(
  informers: InformerFactory,
  assumed: AssumedAllocations,
): { view: DeviceView; informers: readonly Informer<KubeObject>[] } {
  const claims = informers.informer(resources.resourceClaims)
  const classes = informers.informer(resources.deviceClasses)
  const slices = informers.informer(resources.resourceSlices)
  claims.addIndex(byAllocation, ({ status }) => (status?.allocation ? ['yes'] : []))
  claims.addIndex(byExtendedPod, (claim) => extendedPodOf(claim))
  classes.addIndex(byResource, ({ metadata: { name }, spec: { extendedResourceName } }) => [
    `${deviceClassPrefix}${name}`,
    ...(extendedResourceName ? [extendedResourceName] : []),
  ])
  const listeners = new Map<string, Set<() => void>>()
  claims.addHandler({
    added: settle,
    updated: settle,
    deleted(claim) {
      assumed.delete(objectKey(claim))
      tell(claim)
    },
  })
  const programs = new LRUCache<string, DeviceSelectorProgram>({ max: mostPrograms })
  let index: { of: string; slices: SliceIndex } | undefined

  /** What the API shows need not be assumed. */
  function settle(claim: ResourceClaim): void {
    if (claim.status?.allocation) assumed.delete(objectKey(claim))
    tell(claim)
  }

  function tell(claim: ResourceClaim): void {
    for (const listener of listeners.get(objectKey(claim)) ?? []) listener()
  }

  function program(expression: string): DeviceSelectorProgram {
    let found = programs.get(expression)
    if (!found) programs.set(expression, (found = compileDeviceSelector(expression)))
    return found
  }

  const view: DeviceView = {
    claim(key) {
      const claim = claims.store.get(key)
      const allocation = assumed.get(key)
      if (!claim || !allocation || claim.status?.allocation) return claim
      return { ...claim, status: { ...claim.status, allocation } }
    },
    classOf: (name) => classes.store.get(name),
    get slices() {
      const { resourceVersion } = slices
      if (index?.of !== resourceVersion)
        index = { of: resourceVersion, slices: indexSlices(slices.store.list()) }
      return index.slices
    },
    classOfResource: (resource) => classes.store.byIndex(byResource, resource).reduce(newerClass, undefined),
    leftovers: ({ metadata }) => claims.store.byIndex(byExtendedPod, metadata.uid ?? ''),
    usage(exceptFor) {
      const inUse = new Set<string>()
      const consumed = new Map<string, Map<string, bigint>>()
      const allocations = [
        ...claims.store
          .byIndex(byAllocation, 'yes')
          .filter((claim) => !exceptFor || extendedPodOf(claim)[0] !== exceptFor.metadata.uid)
          .map(({ status }) => status?.allocation),
        ...assumed.values(),
      ]
      for (const allocation of allocations) {
        for (const result of allocation?.devices?.results ?? []) {
          if (result.adminAccess) continue
          const id = `${result.driver}/${result.pool}/${result.device}`
          if (result.shareID === undefined) {
            inUse.add(id)
            continue
          }
          const amounts = consumed.get(id) ?? new Map<string, bigint>()
          consumed.set(id, amounts)
          for (const [name, amount] of Object.entries(result.consumedCapacity ?? {})) {
            amounts.set(name, (amounts.get(name) ?? 0n) + (parseNano(amount) ?? 0n))
          }
        }
      }
      return { inUse, consumed }
    },
    watchClaim(key, listener) {
      const all = listeners.get(key) ?? new Set()
      listeners.set(key, all.add(listener))
      return {
        [Symbol.dispose]() {
          all.delete(listener)
          if (all.size === 0 && listeners.get(key) === all) listeners.delete(key)
        },
      }
    },
    matches: (expression, { device, slice }) => program(expression)(slice.spec.driver, device),
  }
  return { view, informers: [claims, classes, slices] as unknown as Informer<KubeObject>[] }
}

/** Uid of the pod that the scheduler made the claim for, if it did. */
function extendedPodOf(claim: ResourceClaim): string[] {
  if (claim.metadata.annotations?.[extendedClaimAnnotation] !== 'true') return []
  const owner = controllerOf(claim)
  return owner?.uid === undefined ? [] : [owner.uid]
}

function newerClass(known: DeviceClass | undefined, other: DeviceClass): DeviceClass {
  const [a = '', b = ''] = [known?.metadata.creationTimestamp, other.metadata.creationTimestamp]
  if (!known || a < b) return other
  return a === b && other.metadata.name < known.metadata.name ? other : known
}
