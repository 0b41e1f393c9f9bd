import type { Container } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidValue, notSupported, required } from '../../../api/field-errors.ts'

const resources = ['cpu', 'memory']
const policies = ['NotRequired', 'RestartContainer']

/** How a container takes a change of its resources (upstream: validation.go validateResizePolicy). */
export function validateResizePolicies(
  { resizePolicy = [], restartPolicy }: Container,
  podRestartPolicy: string | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>()
  return resizePolicy.flatMap((policy, at) => {
    const errors: FieldError[] = []
    if (seen.has(policy.resourceName)) errors.push(duplicate(`${path}[${at}]`, policy.resourceName))
    seen.add(policy.resourceName)
    errors.push(...validateMember(policy.resourceName, resources, path))
    errors.push(...validateMember(policy.restartPolicy, policies, path))
    const neverRestarts = podRestartPolicy === 'Never' && restartPolicy !== 'Always'
    if (neverRestarts && policy.restartPolicy !== 'NotRequired') {
      const why = "must be 'NotRequired' when `restartPolicy` is 'Never'"
      errors.push(invalidValue(path, policy.restartPolicy ?? '', why))
    }
    return errors
  })
}

function validateMember(value: string | undefined, all: string[], path: string): FieldError[] {
  if (!value) return [required(path)]
  return all.includes(value) ? [] : [notSupported(path, value, all)]
}
