import { isExtendedResource, isNativeResource } from '../../api/extended-resources.ts'
import type { FieldError } from '../../api/status.ts'
import { invalidFor, invalidValue } from '../../api/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'

/** Names of resources (upstream: pkg/apis/core/helper/helpers.go). */
const counts = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
]
const computed = ['cpu', 'ephemeral-storage', 'memory']
const integer = new Set(counts)
const ofContainers = new Set(computed)
const ofQuotas = new Set([
  ...counts,
  ...['', 'limits.', 'requests.'].flatMap((prefix) => computed.map((name) => `${prefix}${name}`)),
  'requests.storage',
])

/** Pages of memory of a fixed size, such as `hugepages-2Mi`. */
export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

/** Whether a name without a prefix is one that quotas know. */
export function isQuotaResource(name: string): boolean {
  return ofQuotas.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
}

/** Whether it is a device plugin's, such as `example.com/gpu`, and quotas can name it. */
function isDevicePluginResource(name: string): boolean {
  return isExtendedResource(name) && checkQualifiedName(`requests.${name}`).length === 0
}

/** Whether amounts of it must be whole numbers. */
export function isIntegerResource(name: string): boolean {
  return integer.has(name) || isDevicePluginResource(name)
}

/** Whether a container may use more of it than it asks for. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name)
}

/** The name of any resource: a qualified name, without a prefix one that is known (upstream: validateResourceName). */
export function validateResourceName(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, checkQualifiedName(name))
  if (errors.length > 0 || name.includes('/') || name === 'storage' || isQuotaResource(name)) return errors
  return [invalidValue(path, name, 'must be a standard resource type or fully qualified')]
}

/** The name of a resource that a container can ask for (upstream: validateContainerResourceName). */
export function validateContainerResourceName(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path)
  if (!name.includes('/')) {
    if (ofContainers.has(name) || isHugePages(name)) return errors
    return [...errors, invalidValue(path, name, 'must be a standard resource for containers')]
  }
  if (isNativeResource(name) || isDevicePluginResource(name)) return errors
  return [...errors, invalidValue(path, name, "doesn't follow extended resource name standard")]
}
