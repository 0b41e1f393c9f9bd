import type { Node } from '../../api/generated/core-v1.ts'
import type { AllocationResult, DeviceClass, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { allocationResult, type GivenDevice } from './allocation-result.ts'
import { startConstraint, type ConstraintState } from './device-constraints.ts'
import { openCapacities, type ConsumedCapacity } from './device-capacity.ts'
import { openLedger } from './device-counters.ts'
import { gatherPools, type DevicePool, type PooledDevice, type SliceIndex } from './device-pools.ts'
import {
  isSelectable,
  isTaintedFor,
  requestOptions,
  type RequestOption,
  type SelectorJudge,
} from './device-requests.ts'

/** What is allocated from. */
export interface DeviceSupply {
  slices: SliceIndex
  classOf(name: string): DeviceClass | undefined
  judge: SelectorJudge
  /** Whether the device (`driver/pool/device`) is given to a claim already, and to it alone. */
  isInUse(id: string): boolean
  /** What claims have of a device that several may have; undefined where none has a share. */
  consumed(id: string): ConsumedCapacity | undefined
}

/** What makes it impossible on this node alone (upstream: ErrFailedAllocationOnNode). */
export class NodeProblem extends Error {}

/** Devices that one claim may have (upstream: AllocationResultsMaxSize). */
const maxResults = 32
/**
 * So many devices are tried before the search is given up. Upstream stops after ten seconds; here nothing else would run
 * meanwhile.
 */
const maxTries = 20_000

/** An option of a request together with the devices that could serve it on the node. */
interface Candidates {
  option: RequestOption
  devices: PooledDevice[]
  count: number
}

/**
 * Devices on a node for claims that have none yet, all of them or undefined (upstream: structured/allocator.go): every
 * combination is tried in order, and the first that meets all constraints is taken. Throws for claims that cannot be
 * understood, and `NodeProblem`.
 */
export function allocateDevices(
  claims: readonly ResourceClaim[],
  node: Node,
  supply: DeviceSupply,
): AllocationResult[] | undefined {
  const pools = gatherPools(supply.slices, node)
  const usable = pools.filter((pool) => !pool.isIncomplete && !pool.isInvalid)
  // Devices that a pod would have to wait for come last.
  const waits = (pool: DevicePool): boolean =>
    pool.devices.some(({ device }) => device.bindingConditions?.length)
  const devices = usable
    .toSorted((a, b) => Number(waits(a)) - Number(waits(b)))
    .flatMap((pool) => pool.devices)

  function candidates(claim: ResourceClaim, option: RequestOption): Candidates {
    const matching = devices.filter((device) => isSelectable(option, { claim, device, judge: supply.judge }))
    if (option.mode === 'ExactCount') return { option, devices: matching, count: option.count }
    const broken = pools.find((pool) => pool.isIncomplete || pool.isInvalid)
    if (broken) {
      const why = broken.isIncomplete ? 'being updated' : 'invalid'
      throw new NodeProblem(
        `claim ${objectKey(claim)}, request ${option.name}: asks for all devices, but resource pool ${broken.id} is currently ${why}`,
      )
    }
    return { option, devices: matching, count: matching.length }
  }

  const wanted = claims.map((claim) =>
    requestOptions(claim, supply.classOf).map((options) =>
      options.map((option) => candidates(claim, option)),
    ),
  )
  for (const [at, requests] of wanted.entries()) {
    const least = requests.reduce((sum, options) => sum + Math.min(...options.map(({ count }) => count)), 0)
    if (least > maxResults) {
      throw new Error(
        `claim ${objectKey(claims[at]!)}: number of requested devices ${least} exceeds the claim limit of ${maxResults}`,
      )
    }
  }
  const search = startSearch(claims, wanted, supply)
  if (!search.run()) {
    if (pools.some((pool) => pool.isInvalid)) throw new NodeProblem('invalid resource pools were encountered')
    return undefined
  }
  return claims.map((claim, at) => {
    const chosen = search.chosen[at] ?? []
    const given = search.given[at] ?? []
    return allocationResult(claim, { chosen, given, nodeName: node.metadata.name })
  })
}

interface Search {
  run(): boolean
  readonly chosen: RequestOption[][]
  readonly given: GivenDevice[][]
}

function startSearch(
  claims: readonly ResourceClaim[],
  wanted: Candidates[][][],
  { isInUse, consumed }: Pick<DeviceSupply, 'isInUse' | 'consumed'>,
): Search {
  const constraints = claims.map(({ spec }) => (spec.devices?.constraints ?? []).map(startConstraint))
  const ledger = openLedger((id) => isInUse(id) || consumed(id) !== undefined)
  const capacities = openCapacities(consumed)
  /** By device, the claims that it is being given to. */
  const taken = new Map<string, Set<number>>()
  const chosen: RequestOption[][] = claims.map(() => [])
  const given: GivenDevice[][] = claims.map(() => [])
  let tries = 0

  function isFree(id: string, claim: number, adminAccess: boolean): boolean {
    const holders = taken.get(id)
    if (adminAccess) return !holders?.has(claim)
    return !isInUse(id) && !holders?.size
  }

  /** Gives the device to the claim; what takes it back, or undefined when it may not have it. */
  function take(claim: number, option: RequestOption, device: PooledDevice): (() => void) | undefined {
    if (++tries > maxTries) throw new NodeProblem('timed out trying to allocate devices')
    const { id } = device
    if (!isFree(id, claim, option.adminAccess) || isTaintedFor(option, device)) return undefined
    const isShareable = device.device.allowMultipleAllocations === true
    // Of the counters that devices share it takes once, however many have a share of itself.
    const counts = !(isShareable && capacities.isShared(id))
    const amounts = capacities.take(id, device.device, option.capacity)
    if (!amounts) return undefined
    const added: ConstraintState[] = []
    for (const constraint of constraints[claim] ?? []) {
      if (constraint.add(option.name, device)) added.push(constraint)
      else break
    }
    const takeBack = (): void => {
      for (const constraint of added) constraint.remove(option.name, device)
      if (isShareable) capacities.giveBack(id, amounts)
    }
    if (added.length < (constraints[claim]?.length ?? 0) || (counts && !ledger.take(device))) {
      takeBack()
      return undefined
    }
    const holders = taken.get(id) ?? new Set()
    if (!isShareable) taken.set(id, holders.add(claim))
    given[claim]?.push({ option, device, ...(isShareable ? { share: amounts } : {}) })
    return () => {
      given[claim]?.pop()
      holders.delete(claim)
      if (counts) ledger.giveBack(device)
      takeBack()
    }
  }

  function nextRequest(claim: number, request: number): boolean {
    const requests = wanted[claim]
    if (!requests) return true
    const options = requests[request]
    if (!options) return nextRequest(claim + 1, 0)
    return options.some((candidates) => {
      chosen[claim]![request] = candidates.option
      if (candidates.option.mode === 'All' && candidates.count === 0) return false
      return nextDevice(candidates, { claim, request, have: 0, from: 0 })
    })
  }

  function nextDevice(
    candidates: Candidates,
    { claim, request, have, from }: { claim: number; request: number; have: number; from: number },
  ): boolean {
    const { option, devices, count } = candidates
    if (have === count) return nextRequest(claim, request + 1)
    const missing = count - have
    if ((given[claim]?.length ?? 0) + missing > maxResults) return false
    // The order within a request does not matter, so each combination is tried once.
    for (let at = from; at + missing <= devices.length; at++) {
      const device = devices[at]
      const takeBack = device && take(claim, option, device)
      if (!takeBack) continue
      if (nextDevice(candidates, { claim, request, have: have + 1, from: at + 1 })) return true
      takeBack()
    }
    return false
  }

  return { run: () => nextRequest(0, 0), chosen, given }
}
