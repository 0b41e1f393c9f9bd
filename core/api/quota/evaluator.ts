import type { PersistentVolumeClaim, ResourceQuota, Service } from '../generated/core-v1.ts'
import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaim } from '../generated/resource-v1.ts'
import { groupResource } from '../gvk.ts'
import type { KubeObject } from '../meta.ts'
import { compareQuantity, quantityValue } from '../quantity.ts'
import { addAmounts, maxAmounts, type Amounts } from './amounts.ts'
import type { QuotaEvaluator } from './quota-evaluator.ts'
import { podEvaluator } from './pod-evaluator.ts'
import { claimMatchesScope, scopesOf } from './scopes.ts'

const classSuffix = '.storageclass.storage.k8s.io/'
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'
const claimNames = ['persistentvolumeclaims', 'requests.storage']

const claimEvaluator: QuotaEvaluator<PersistentVolumeClaim> = {
  matching: (names) =>
    names.filter(
      (name) =>
        name === 'count/persistentvolumeclaims' ||
        claimNames.some((one) => name === one || name.endsWith(classSuffix + one)),
    ),
  usage(claim) {
    const usage: Amounts = { persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1' }
    const storage = claimedStorage(claim)
    if (storage !== undefined) usage['requests.storage'] = storage
    const name = claim.metadata.annotations?.[classAnnotation] ?? claim.spec.storageClassName
    if (!name) return usage
    usage[`${name}${classSuffix}persistentvolumeclaims`] = '1'
    if (storage !== undefined) usage[`${name}${classSuffix}requests.storage`] = storage
    return usage
  },
  matchesScope: claimMatchesScope,
}

/** Whole bytes; the greater of what is asked for and what has been set aside. */
function claimedStorage({ spec, status }: PersistentVolumeClaim): string | undefined {
  const { storage } = spec.resources?.requests ?? {}
  if (storage === undefined) return undefined
  const allocated = status?.allocatedResources?.storage ?? '0'
  const most = maxAmounts({ storage }, { storage: allocated }).storage!
  const bytes = String(quantityValue(most))
  return compareQuantity(bytes, most) === 0 ? most : bytes
}

const serviceNames = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers']

const serviceEvaluator: QuotaEvaluator<Service> = {
  matching: (names) => names.filter((name) => serviceNames.includes(name)),
  usage({ spec }) {
    const ports = spec.ports ?? []
    const isBalanced = spec.type === 'LoadBalancer'
    const named = ports.filter(({ nodePort }) => nodePort)
    const counted = isBalanced && spec.allocateLoadBalancerNodePorts === false ? named : ports
    const takesPorts = isBalanced || spec.type === 'NodePort'
    return {
      'count/services': '1',
      services: '1',
      'services.nodeports': takesPorts ? String(counted.length) : '0',
      'services.loadbalancers': isBalanced ? '1' : '0',
    }
  },
}

/** Resources that had a name of their own for their number before `count/…` came. */
const alsoByName = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])

function countEvaluator(counted: { group: string; resource: string }): QuotaEvaluator {
  const names = [`count/${groupResource(counted)}`]
  if (counted.group === '' && alsoByName.has(counted.resource)) names.push(counted.resource)
  const usage = Object.fromEntries(names.map((name) => [name, '1']))
  return { matching: (wanted) => wanted.filter((name) => names.includes(name)), usage: () => usage }
}

const devicesSuffix = '.deviceclass.resource.k8s.io/devices'
const claimCount = 'count/resourceclaims.resource.k8s.io'
/** How many devices one claim can get: what a request for all of them counts as. */
const mostDevices = 32

const resourceClaimEvaluator: QuotaEvaluator<ResourceClaim> = {
  matching: (names) => names.filter((name) => name === claimCount || name.endsWith(devicesSuffix)),
  usage({ spec }) {
    const requests = spec.devices?.requests ?? []
    const devices = requests.map(({ exactly, firstAvailable }) =>
      // Of alternatives the one that takes most counts, for each class.
      (firstAvailable ?? (exactly ? [exactly] : [])).map(devicesOf).reduce(maxAmounts, {}),
    )
    return devices.reduce(addAmounts, { [claimCount]: '1' })
  },
}

function devicesOf({
  deviceClassName,
  allocationMode,
  count = 0,
}: DeviceSubRequest | ExactDeviceRequest): Amounts {
  const devices = allocationMode === 'All' ? mostDevices : allocationMode === 'ExactCount' ? count : 0
  return { [deviceClassName + devicesSuffix]: String(devices) }
}

const known = new Map<string, QuotaEvaluator>([
  ['pods', podEvaluator as QuotaEvaluator],
  ['services', serviceEvaluator as QuotaEvaluator],
  ['persistentvolumeclaims', claimEvaluator as QuotaEvaluator],
  ['resourceclaims.resource.k8s.io', resourceClaimEvaluator as QuotaEvaluator],
])

/** How objects of a resource count; those that nothing more is known of by their number. */
export function evaluatorFor(resource: { group: string; resource: string }): QuotaEvaluator {
  const key = groupResource(resource)
  let found = known.get(key)
  if (!found) known.set(key, (found = countEvaluator(resource)))
  return found
}

/** Whether a quota, by the bounds given, has anything to say about an object. */
export function quotaMatches(
  { spec }: ResourceQuota,
  hard: Amounts,
  { evaluator, object }: { evaluator: QuotaEvaluator; object: KubeObject },
): boolean {
  if (evaluator.matching(Object.keys(hard)).length === 0) return false
  return scopesOf(spec).every((scope) => evaluator.matchesScope?.(scope, object) ?? false)
}
