import type { Endpoint, EndpointSlice } from '../../api/generated/discovery-v1.ts'
import type { Service } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { controllerReference } from '../../client/object-reference.ts'
import { addressTypes, portsKey, sliceLabels, type AddressType, type EndpointGroup } from './desired.ts'

/** Upstream: --max-endpoints-per-slice. */
const maxEndpoints = 100

/** The writes that bring the slices to what is wanted. */
export interface SlicePlan {
  creates: EndpointSlice[]
  updates: EndpointSlice[]
  deletes: EndpointSlice[]
}

/**
 * Compares slices with the wanted endpoints. Endpoints stay in the slice they are in; new ones fill slices that change
 * anyway, then slices with room, and only then make new slices (upstream: reconcileByPortMapping). A service without
 * endpoints keeps one empty slice per family.
 */
export function planSlices(service: Service, existing: EndpointSlice[], groups: EndpointGroup[]): SlicePlan {
  const plan: SlicePlan = { creates: [], updates: [], deletes: [] }
  const alive = existing.filter((slice) => !slice.metadata.deletionTimestamp)
  for (const addressType of addressTypes(service)) {
    const wanted = groups.filter((group) => group.addressType === addressType)
    const mine = alive.filter((slice) => slice.addressType === addressType)
    const targets = wanted.length > 0 ? wanted : [{ addressType, ports: [], endpoints: [] }]
    const keys = new Set(targets.map((group) => portsKey(group.ports)))
    for (const group of targets) {
      const key = portsKey(group.ports)
      planGroup(
        service,
        {
          group,
          slices: mine.filter((slice) => portsKey(slice.ports) === key),
          isOnly: targets.length === 1,
        },
        plan,
      )
    }
    plan.deletes.push(...mine.filter((slice) => !keys.has(portsKey(slice.ports))))
  }
  const types = new Set<string>(addressTypes(service))
  plan.deletes.push(...alive.filter((slice) => !types.has(slice.addressType)))
  return plan
}

interface Draft {
  slice: EndpointSlice
  endpoints: Endpoint[]
  isChanged: boolean
}

function identity(endpoint: Endpoint): string {
  return endpoint.targetRef?.uid ?? endpoint.addresses.join(',')
}

function planGroup(
  service: Service,
  { group, slices, isOnly }: { group: EndpointGroup; slices: EndpointSlice[]; isOnly: boolean },
  plan: SlicePlan,
): void {
  const missing = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]))
  const drafts = slices.map((slice) => keepWanted(slice, missing))
  const labels = sliceLabels(service)
  for (const draft of drafts) {
    if (!deepEqual(draft.slice.metadata.labels, labels)) draft.isChanged = true
  }
  const rest = [...missing.values()]
  const byRoom = [...drafts].sort(
    (a, b) => Number(b.isChanged) - Number(a.isChanged) || b.endpoints.length - a.endpoints.length,
  )
  for (const draft of byRoom) {
    const taken = rest.splice(0, maxEndpoints - draft.endpoints.length)
    if (taken.length === 0) continue
    draft.endpoints.push(...taken)
    draft.isChanged = true
  }
  while (rest.length > 0) {
    plan.creates.push(newSlice(service, { ...group, endpoints: rest.splice(0, maxEndpoints) }))
  }
  finish({ drafts, labels, keepEmpty: isOnly && group.endpoints.length === 0 }, plan)
  if (group.endpoints.length === 0 && slices.length === 0) plan.creates.push(newSlice(service, group))
}

/** Takes what the slice has and is wanted out of `missing`. */
function keepWanted(slice: EndpointSlice, missing: Map<string, Endpoint>): Draft {
  const endpoints: Endpoint[] = []
  let isChanged = false
  for (const current of slice.endpoints ?? []) {
    const id = identity(current)
    const wanted = missing.get(id)
    missing.delete(id)
    if (!wanted) isChanged = true
    else if (deepEqual(current, wanted)) endpoints.push(current)
    else {
      endpoints.push(wanted)
      isChanged = true
    }
  }
  return { slice, endpoints, isChanged }
}

function finish(
  given: { drafts: Draft[]; labels: Record<string, string>; keepEmpty: boolean },
  plan: SlicePlan,
): void {
  let { keepEmpty } = given
  for (const { slice, endpoints, isChanged } of given.drafts) {
    if (endpoints.length === 0 && !keepEmpty) {
      plan.deletes.push(slice)
      continue
    }
    if (endpoints.length === 0) keepEmpty = false
    if (!isChanged) continue
    const metadata = { ...slice.metadata, labels: given.labels }
    plan.updates.push({ ...slice, metadata, endpoints })
  }
}

function newSlice(
  service: Service,
  group: { addressType: AddressType; ports: EndpointGroup['ports']; endpoints: Endpoint[] },
): EndpointSlice {
  const { name, namespace } = service.metadata
  return {
    metadata: {
      name: '',
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: sliceLabels(service),
      ownerReferences: [controllerReference(resources.services, service)],
    },
    addressType: group.addressType,
    endpoints: group.endpoints,
    ports: group.ports,
  }
}
