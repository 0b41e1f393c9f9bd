import type { PodSpec } from '../../../api/generated/core-v1.ts'
import { compareQuantity } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidValue, notSupported } from '../../../api/field-errors.ts'
import { isHugePages, validateResourceName } from '../resource-names.ts'
import { aggregateRequests } from './aggregate-resources.ts'
import { validateRequirements } from './resources-validation.ts'

/** Whether a resource can be given to a pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePages(name)
}

/** Requests and limits of the pod as a whole (upstream: validation.go validatePodResources). */
export function validatePodResources(spec: PodSpec, path: string): FieldError[] {
  const { resources } = spec
  if (!resources) return []
  const errors: FieldError[] = []
  if (resources.claims) {
    errors.push(forbiddenField(`${path}.claims`, 'claims cannot be set for Resources at pod-level'))
  }
  errors.push(...validateRequirements(resources, validateName, path))
  return [...errors, ...validateConsistency(spec, path)]
}

function validateName(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path)
  if (errors.length > 0 || isPodLevelResource(name)) return errors
  return [notSupported(path, name, ['cpu', 'memory'])]
}

/** The pod asks for no less than its containers, and none of them may use more than the pod. */
function validateConsistency(spec: PodSpec, path: string): FieldError[] {
  const { limits = {}, requests = {} } = spec.resources ?? {}
  const errors: FieldError[] = []
  for (const [name, sum] of Object.entries(aggregateRequests(spec))) {
    const ofPod = requests[name]
    if (ofPod === undefined || compareQuantity(sum, ofPod) <= 0) continue
    const why = `must be greater than or equal to aggregate container requests of ${sum}`
    errors.push(invalidValue(`${path}.requests[${name}]`, ofPod, why))
  }
  for (const [at, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const ofPod = limits[name]
      if (ofPod === undefined || compareQuantity(limit, ofPod) <= 0) continue
      const why = `must be less than or equal to pod limits of ${ofPod}`
      errors.push(invalidValue(`${path}.containers[${at}][${name}].limits`, limit, why))
    }
  }
  return errors
}
