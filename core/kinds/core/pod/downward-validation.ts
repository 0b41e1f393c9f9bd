import type {
  DownwardAPIVolumeFile,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../../../api/generated/core-v1.ts'
import { canonicalQuantity, compareQuantity } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { checkQualifiedName } from '../../validation/formats.ts'
import { validateFilePath, validateMode } from '../volumes/file-paths.ts'

/** Fields of a pod that can be asked for at all (upstream: pkg/apis/core/pods ConvertDownwardAPIFieldLabel). */
const knownPaths = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.host',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
])
const volumePaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const sizeDivisors = ['1', ...['', 'i'].flatMap((family) => [...'kMGTPE'].map((unit) => size(unit, family)))]

function size(unit: string, family: string): string {
  return `1${family && unit === 'k' ? 'K' : unit}${family}`
}

/** A field of the pod, out of those `supported`, or one of its labels or annotations (upstream: validateObjectFieldSelector). */
export function validateFieldRef(ref: ObjectFieldSelector, path: string, supported: string[]): FieldError[] {
  const { apiVersion, fieldPath } = ref
  if (!apiVersion) return [required(`${path}.apiVersion`)]
  if (!fieldPath) return [required(`${path}.fieldPath`)]
  const refuse = (why: string): FieldError[] => [
    invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (apiVersion !== 'v1') return refuse(`unsupported pod version: ${apiVersion}`)
  const [, base, subscript = ''] = /^(.+?)\['(.*)'\]$/s.exec(fieldPath) ?? []
  if (base === 'metadata.annotations') {
    return invalidFor(path, subscript.toLowerCase(), checkQualifiedName(subscript.toLowerCase()))
  }
  if (base === 'metadata.labels') return invalidFor(path, subscript, checkQualifiedName(subscript))
  if (base !== undefined) return refuse(`field label does not support subscript: ${fieldPath}`)
  if (!knownPaths.has(fieldPath)) return refuse(`field label not supported: ${fieldPath}`)
  const internal = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  return supported.includes(internal) ? [] : [notSupported(`${path}.fieldPath`, internal, supported)]
}

/** A request or limit of a container, as a variable or, with `inVolume`, as a file that must name the container. */
export function validateResourceFieldRef(
  { containerName, resource = '', divisor = '0' }: ResourceFieldSelector,
  path: string,
  inVolume = false,
): FieldError[] {
  const errors: FieldError[] = []
  if (inVolume && !containerName) errors.push(required(`${path}.containerName`))
  else if (resource === '') errors.push(required(`${path}.resource`))
  else if (!resourceFields.includes(resource) && !isHugePages(resource)) {
    errors.push(notSupported(`${path}.resource`, resource, resourceFields))
  }
  if (compareQuantity(divisor, '0') === 0) return errors
  const why = problemOfDivisor(resource, canonicalQuantity(divisor) ?? divisor)
  return why ? [...errors, invalidValue(`${path}.divisor`, resource, why)] : errors
}

function isHugePages(resource: string): boolean {
  return resource.startsWith('limits.hugepages-') || resource.startsWith('requests.hugepages-')
}

function problemOfDivisor(resource: string, divisor: string): string | undefined {
  const kind = resource.slice(resource.indexOf('.') + 1)
  if (kind === 'cpu') {
    if (divisor === '1m' || divisor === '1') return undefined
    return "only divisor's values 1m and 1 are supported with the cpu resource"
  }
  const names: Record<string, string> = {
    memory: 'memory',
    'ephemeral-storage': 'local ephemeral storage',
  }
  const name = isHugePages(resource) ? 'hugepages' : names[kind]
  if (name === undefined || sizeDivisors.includes(divisor)) return undefined
  return `only divisor's values ${sizeDivisors.join(', ')} are supported with the ${name} resource`
}

/**
 * Files of a downwardAPI volume or projection (upstream: validateDownwardAPIVolumeFile). What is wrong with one is told
 * of the whole source, as upstream.
 */
export function validateDownwardFiles(
  files: DownwardAPIVolumeFile[] | undefined,
  path: string,
): FieldError[] {
  return (files ?? []).flatMap((file) => validateDownwardFile(file, path))
}

/** One such file. */
export function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef } = file
  const errors = validateFilePath(file.path, `${path}.path`)
  if (fieldRef) {
    errors.push(...validateFieldRef(fieldRef, `${path}.fieldRef`, volumePaths))
    if (resourceFieldRef) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      errors.push(invalidValue(path, 'resource', why))
    }
  } else if (resourceFieldRef) {
    errors.push(...validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, true))
  } else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  return [...errors, ...validateMode(file.mode, `${path}.mode`)]
}
