import type { Pod } from '../../../api/generated/core-v1.ts'
import { duplicate, invalidFor, invalidValue, required } from '../../../api/field-errors.ts'
import type { FieldError } from '../../../api/status.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'

const noContainer = 'must match the name of an entry in spec.initContainers.name or spec.containers.name'
const noResource =
  'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests'

/** The claim that was made for a pod's extended resources (upstream: validatePodExtendedResourceClaimStatus). */
export function validateExtendedClaim({ spec, status }: Pod): FieldError[] {
  const { resourceClaimName: name = '', requestMappings = [] } = status?.extendedResourceClaimStatus ?? {}
  if (!status?.extendedResourceClaimStatus) return []
  const path = 'status.extendedResourceClaimStatus'
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const errors: FieldError[] = []
  if (requestMappings.length === 0) {
    errors.push(required(`${path}.requestMappings`, 'at least one request mapping is required'))
  }
  const seen = new Set<string>()
  for (const [at, { containerName, resourceName, requestName }] of requestMappings.entries()) {
    const where = `${path}.requestMappings[${at}]`
    const container = containers.findLast((one) => one.name === containerName)
    if (!container) errors.push(invalidValue(`${where}.containerName`, containerName, noContainer))
    else if (container.resources?.requests?.[resourceName] === undefined) {
      errors.push(invalidValue(`${where}.resourceName`, resourceName, noResource))
    }
    errors.push(...invalidFor(`${path}.requestName`, requestName, checkDns1123Label(requestName)))
    const key = JSON.stringify([containerName, resourceName, requestName])
    if (seen.has(key)) {
      errors.push(
        duplicate(`${where}.containerName`, containerName),
        duplicate(`${where}.resourceName`, resourceName),
        duplicate(`${where}.requestName`, requestName),
      )
    }
    seen.add(key)
  }
  if (name === '') return [...errors, required(`${path}.resourceClaimName`)]
  return [...errors, ...invalidFor(`${path}.resourceClaimName`, name, checkDns1123Subdomain(name))]
}
