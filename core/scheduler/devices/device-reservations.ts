import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { AllocationResult, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { parseAmounts } from '../../api/pod-requests.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import type { PodInfo } from '../pod-info.ts'
import { deviceSupply } from '../plugins/dynamic-resources.ts'
import { allocateDevices } from './allocate-devices.ts'
import { createBindingConditions } from './binding-conditions.ts'
import type { AssumedAllocations, DeviceView } from './device-view.ts'
import { claimFinalizer, createExtendedClaims } from './extended-claims.ts'
import { extendedClaim, neededOn, resourcesOfDevices, type ExtendedClaim } from './extended-requests.ts'
import { podDeviceClaims } from './pod-device-claims.ts'

const maxTries = 10

/** The devices that a pod on its way to a node has chosen. */
export interface DeviceReservation {
  /**
   * Writes allocation and reservation into the claims and waits until the devices are ready (upstream: PreBind). Rejects when
   * that cannot be.
   */
  bind(): Promise<void>
  /** Gives up what was chosen and takes back what was written (upstream: Unreserve). */
  giveUp(): Promise<void>
}

/** Chooses devices together with nodes (upstream: dynamicresources Reserve, PreBind and Unreserve). */
export interface DeviceReservations {
  /** Undefined when the pod claims no devices; its `bind` rejects when they cannot be had there. */
  reserve(pod: PodInfo, node: Node): DeviceReservation | undefined
  /** Has a pod that is gone wait for its devices no longer. */
  podGone(podKey: string): void
  [Symbol.dispose](): void
}

/** Reservations over the choices that plugins see as assumed. */
export function createDeviceReservations(options: {
  client: Client
  view: DeviceView
  assumed: AssumedAllocations
  clock: Clock
}): DeviceReservations {
  const { client, view, assumed, clock } = options
  const conditions = createBindingConditions(options)
  const extendedClaims = createExtendedClaims(client)
  /** Allocations on their way: whoever shares the claim waits for them. */
  const writing = new Map<string, Promise<unknown>>()

  /** Changes the claim as it is now, again when somebody else was quicker. */
  async function change(key: string, work: (claim: ResourceClaim) => Promise<unknown>): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    for (let tries = 1; ; tries++) {
      try {
        await work(await client.get(resources.resourceClaims, { namespace, name }))
        return
      } catch (error) {
        if (!isConflict(error) || tries === maxTries) throw error
      }
    }
  }

  function write(key: string, pod: Pod, allocation: AllocationResult | undefined): Promise<void> {
    return change(key, async (claim) => {
      const { name, uid = '' } = pod.metadata
      if (claim.metadata.deletionTimestamp) throw new Error(`claim ${key} got deleted in the meantime`)
      const current = claim.status?.allocation
      if (!current && !allocation) throw new Error(`claim ${key} is not allocated any more`)
      if (current && allocation) throw new Error(`claim ${key} got allocated elsewhere in the meantime`)
      const finalizers = claim.metadata.finalizers ?? []
      const isProtected = Boolean(current) || finalizers.includes(claimFinalizer)
      const protected_ = isProtected
        ? claim
        : await client.update(resources.resourceClaims, {
            ...claim,
            metadata: { ...claim.metadata, finalizers: [...finalizers, claimFinalizer] },
          })
      const reservedFor = claim.status?.reservedFor ?? []
      if (current && reservedFor.some((one) => one.uid === uid)) return
      const stamped = allocation && { ...allocation, allocationTimestamp: rfc3339(clock.now()) }
      await client.updateStatus(resources.resourceClaims, {
        ...protected_,
        status: {
          ...claim.status,
          allocation: current ?? stamped,
          reservedFor: [...reservedFor, { resource: 'pods', name, uid }],
        },
      } as ResourceClaim)
    })
  }

  /** The pod's place, and the allocation too when it was made for this pod and nobody else has it. */
  function takeBack(key: string, pod: Pod, wasAllocated: boolean): Promise<void> {
    return change(key, async (claim) => {
      const { allocation, devices, reservedFor = [], ...rest } = claim.status ?? {}
      const others = reservedFor.filter(({ uid }) => uid !== pod.metadata.uid)
      const keeps = allocation && !(wasAllocated && others.length === 0)
      if (others.length === reservedFor.length && (keeps || !allocation)) return
      await client.updateStatus(resources.resourceClaims, {
        ...claim,
        status: {
          ...rest,
          ...(others.length > 0 ? { reservedFor: others } : {}),
          // What drivers told of the devices goes with them.
          ...(keeps ? { allocation, ...(devices ? { devices } : {}) } : {}),
        },
      })
    })
  }

  /** Takes devices for extended resources; their claim is made when the pod is bound, and goes when that fails. */
  function reserveExtended(
    pod: Pod,
    { claim, mappings, allocation }: ExtendedClaim & { allocation: AllocationResult },
  ): { bind(): Promise<string | undefined>; giveUp(): Promise<void> } {
    // No claim has such a name.
    let key = `${objectKey(pod)}/${claim.metadata.name}`
    assumed.set(key, allocation)
    let made: string | undefined
    return {
      async bind() {
        made = await extendedClaims.make(claim, view.leftovers(pod))
        assumed.delete(key)
        key = made
        assumed.set(key, allocation)
        await write(made, pod, allocation)
        await extendedClaims.tell(pod, made, mappings)
        const waits = allocation.devices?.results?.some((result) => result.bindingConditions?.length)
        return waits ? made : undefined
      },
      async giveUp() {
        assumed.delete(key)
        if (made !== undefined) await extendedClaims.remove(made)
      },
    }
  }

  return {
    reserve(info, node) {
      const { pod, key: podKey } = info
      const needed = neededOn(
        parseAmounts(node.status?.allocatable),
        resourcesOfDevices(info, view.classOfResource),
      )
      if (!pod.spec.resourceClaims?.length && needed.length === 0) return undefined
      const extended = needed.length > 0 ? extendedClaim(pod, needed, view.classOfResource) : undefined
      const claims = podDeviceClaims(pod, view)
      if ('refusal' in claims) return refused(claims.refusal)
      const open = claims.filter(({ status }) => !status?.allocation)
      let results: AllocationResult[] | undefined
      try {
        const wanted = extended ? [...open, extended.claim] : open
        results = allocateDevices(wanted, node, deviceSupply(view, pod))
      } catch (error) {
        return refused((error as Error).message)
      }
      if (!results) return refused('cannot allocate all claims')
      const chosen = new Map(open.map((claim, at) => [objectKey(claim), results[at]!]))
      for (const [key, allocation] of chosen) assumed.set(key, allocation)
      const own = extended && reserveExtended(pod, { ...extended, allocation: results[open.length]! })
      const written = new Set<string>()
      return {
        async bind() {
          const made = await own?.bind()
          await Promise.all(
            claims.map(async (claim) => {
              const key = objectKey(claim)
              const allocation = chosen.get(key)
              if (!allocation) await writing.get(key)?.catch(() => undefined)
              written.add(key)
              const work = write(key, pod, allocation)
              if (!allocation) return work
              writing.set(key, work)
              await work.finally(() => writing.delete(key))
            }),
          )
          await conditions.wait(claims.map(objectKey), podKey, made)
        },
        async giveUp() {
          for (const key of chosen.keys()) assumed.delete(key)
          await own?.giveUp()
          for (const key of written) {
            await takeBack(key, pod, chosen.has(key)).catch((error: unknown) => {
              if (!isNotFound(error)) throw error
            })
          }
        },
      }
    },
    podGone: (podKey) => conditions.giveUp(podKey),
    [Symbol.dispose]: () => conditions[Symbol.dispose](),
  }
}

function refused(reason: string): DeviceReservation {
  return { bind: () => Promise.reject(new Error(reason)), giveUp: () => Promise.resolve() }
}
