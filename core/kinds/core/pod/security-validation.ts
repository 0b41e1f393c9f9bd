import type { PodSecurityContext, SecurityContext } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidValue, required } from '../../validation/field-errors.ts'

const maxId = 2 ** 31 - 1

/** A container's security context (upstream: validation.go ValidateSecurityContext). */
export function validateSecurityContext(context: SecurityContext | undefined, path: string): FieldError[] {
  if (!context) return []
  const errors = [
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
  ]
  if (context.allowPrivilegeEscalation === false) {
    const added = context.capabilities?.add ?? []
    if (context.privileged) {
      const why = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'
      errors.push(invalidValue(path, context, why))
    }
    if (added.includes('CAP_SYS_ADMIN')) {
      const why = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'
      errors.push(invalidValue(path, context, why))
    }
  }
  return errors
}

/** A pod's security context (upstream: validation.go validatePodSpecSecurityContext). */
export function validatePodSecurityContext(
  context: PodSecurityContext | undefined,
  path: string,
): FieldError[] {
  if (!context) return []
  const errors = [
    ...validateId(context.fsGroup, `${path}.fsGroup`),
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...(context.supplementalGroups ?? []).flatMap((group, at) =>
      validateId(group, `${path}.supplementalGroups[${at}]`),
    ),
  ]
  const names = new Set<string>()
  for (const [at, { name }] of (context.sysctls ?? []).entries()) {
    if (!name) errors.push(required(`${path}.sysctls[${at}].name`))
    else if (names.has(name)) errors.push(duplicate(`${path}.sysctls[${at}].name`, name))
    names.add(name)
  }
  return errors
}

function validateId(id: number | undefined, path: string): FieldError[] {
  if (id === undefined || (id >= 0 && id <= maxId)) return []
  return [invalidValue(path, id, `must be between 0 and ${maxId}, inclusive`)]
}
