import type { Container, ContainerExtendedResourceRequest, Pod } from '../../api/generated/core-v1.ts'
import type { DeviceClass, DeviceRequest, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { canBeDevices } from '../../api/extended-resources.ts'
import { quantityValue } from '../../api/quantity.ts'
import { isSidecar } from '../../api/sidecars.ts'
import type { Amounts } from '../../api/pod-requests.ts'
import type { PodInfo } from '../pod-info.ts'

/** Says of a claim that the scheduler made it for a pod's extended resources (upstream: ExtendedResourceClaimAnnotation). */
export const extendedClaimAnnotation = 'resource.kubernetes.io/extended-resource-claim'

type ClassOfResource = (resource: string) => DeviceClass | undefined

/** A claim that takes the place of extended resources, and which of its requests serve which containers. */
export interface ExtendedClaim {
  /** Without a name of its own: it is made when the pod is bound. */
  claim: ResourceClaim
  mappings: ContainerExtendedResourceRequest[]
}

/** The pod's resources that devices may stand behind, in order; most pods have none. */
export function resourcesOfDevices({ requests }: PodInfo, classOf: ClassOfResource): string[] {
  return Object.entries(requests.other)
    .flatMap(([name, amount]) => (amount > 0 && canBeDevices(name) && classOf(name) ? [name] : []))
    .sort()
}

/** Those of them that a node with this much allocatable has no other way to give: a device plugin's would be among it. */
export function neededOn({ other }: Amounts, resources: readonly string[]): string[] {
  return resources.filter((name) => !other[name])
}

/** What the pod has to claim for resources (upstream: dynamicresources createRequestsAndMappings). */
export function extendedClaim(
  pod: Pod,
  resources: readonly string[],
  classOf: ClassOfResource,
): ExtendedClaim {
  const { name, namespace = '', uid = '' } = pod.metadata
  const all = resources.map((resource) =>
    requestsFor(pod, { resource, className: classOf(resource)?.metadata.name ?? '' }),
  )
  const requests = all.flatMap((one) => one.requests)
  return {
    claim: {
      metadata: {
        name: '<extended-resources>',
        namespace,
        generateName: `${name}-extended-resources-`,
        annotations: { [extendedClaimAnnotation]: 'true' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
      },
      spec: { devices: { requests: requests.toSorted((a, b) => (a.name < b.name ? -1 : 1)) } },
    },
    mappings: all.flatMap((one) => one.mappings),
  }
}

interface Wanted {
  name: string
  count: number
}

/**
 * The requests of all containers for one resource. Init containers that run to their end come before the others and one after
 * another: they use what later ones have, and together no more than the most that one of them needs beyond it.
 */
function requestsFor(
  pod: Pod,
  { resource, className }: { resource: string; className: string },
): { requests: DeviceRequest[]; mappings: ContainerExtendedResourceRequest[] } {
  const { initContainers = [], containers } = pod.spec
  const all = [...initContainers, ...containers]
  const isShort = (at: number): boolean => at < initContainers.length && !isSidecar(all[at]!)
  const map = (container: Container, requestName: string): ContainerExtendedResourceRequest => ({
    containerName: container.name,
    resourceName: resource,
    requestName,
  })
  const lasting = all.map((container, at): Wanted | undefined => {
    const count = amountOf(container, resource)
    return isShort(at) || count === 0 ? undefined : { name: requestName(container, resource, at), count }
  })
  const mappings = lasting.flatMap((wanted, at) => (wanted ? [map(all[at]!, wanted.name)] : []))
  let most: Wanted | undefined
  const ofShort: Array<{ container: Container; wanted: Wanted | undefined; used: string[] }> = []
  for (const [at, container] of all.entries()) {
    let missing = isShort(at) ? amountOf(container, resource) : 0
    if (missing === 0) continue
    const used: string[] = []
    for (const later of lasting.slice(at)) {
      if (!later || missing <= 0) continue
      used.push(later.name)
      missing -= later.count
    }
    const wanted = missing > 0 ? { name: requestName(container, resource, at), count: missing } : undefined
    if (wanted && wanted.count > (most?.count ?? 0)) most = wanted
    ofShort.push({ container, wanted, used })
  }
  for (const { container, wanted, used } of ofShort) {
    mappings.push(...used.map((name) => map(container, name)))
    if (wanted && most) mappings.push(map(container, most.name))
  }
  const requests = [...(most ? [most] : []), ...lasting.filter((one) => one !== undefined)]
  return {
    requests: requests.map(({ name, count }) => ({
      name,
      exactly: { deviceClassName: className, allocationMode: 'ExactCount', count },
    })),
    mappings,
  }
}

function amountOf({ resources }: Container, resource: string): number {
  return quantityValue(resources?.requests?.[resource])
}

/** Of the container by its place, and of the resource by its place among those that the container asks for. */
function requestName({ resources }: Container, resource: string, at: number): string {
  const names = Object.keys(resources?.requests ?? {}).sort()
  return `container-${at}-request-${names.indexOf(resource)}`
}
