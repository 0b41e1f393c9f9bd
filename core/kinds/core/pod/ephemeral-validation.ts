import type { EphemeralContainer, PodSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, forbiddenField, notFoundValue } from '../../../api/field-errors.ts'
import { validateContainer, validateUnique } from './container-validation.ts'
import type { SpecContext } from './spec-context.ts'

const notAllowed = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

/** Containers for debugging, which can do less than others (upstream: validation.go validateEphemeralContainers). */
export function validateEphemeralContainers(spec: PodSpec, context: SpecContext, path: string): FieldError[] {
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name ?? '')
  const names = new Set(others)
  const targets = new Set(others)
  return (spec.ephemeralContainers ?? []).flatMap((container, at) => {
    const where = `${path}[${at}]`
    const errors = [
      ...validateContainer(container, context, where),
      ...validateTrimmedImage(container.image, where),
      ...validateUnique(container.name ?? '', names, where),
    ]
    const target = container.targetContainerName
    if (target && !targets.has(target)) errors.push(notFoundValue(`${where}.targetContainerName`, target))
    return [...errors, ...validateAllowedFields(container, where)]
  })
}

/** An image of a pod, as opposed to a template's, is named without spaces around it. */
export function validateTrimmedImage(image = '', path: string): FieldError[] {
  if (image === image.trim()) return []
  return [invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace')]
}

function validateAllowedFields(container: EphemeralContainer, path: string): FieldError[] {
  const why = 'cannot be set for an Ephemeral Container'
  const given = notAllowed.filter((name) => !isUnset(container, name))
  const errors = given.map((name) => forbiddenField(`${path}.${name}`, why))
  for (const [at, mount] of (container.volumeMounts ?? []).entries()) {
    for (const name of ['subPath', 'subPathExpr'] as const) {
      if (mount[name]) errors.push(forbiddenField(`${path}.volumeMounts[${at}].${name}`, why))
    }
  }
  return errors
}

/** Whether a member is Go's zero value; that of what is a pointer there is none alone. */
function isUnset(container: EphemeralContainer, name: (typeof notAllowed)[number]): boolean {
  const value: unknown = container[name]
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return name === 'resources' && Object.keys(value).length === 0
}
