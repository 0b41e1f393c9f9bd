import type { EphemeralContainer, Pod, PodSpec } from '../../../api/generated/core-v1.ts'
import { mirrorAnnotation } from '../../../api/static-pod.ts'
import { invalid } from '../../../api/status.ts'
import type { FieldError } from '../../../api/status.ts'
import type { SubresourceDefinition } from '../../../registry/kind.ts'
import { deepEqual } from '../../validation/deep-equal.ts'
import { forbiddenField, notFoundValue } from '../../validation/field-errors.ts'
import { validateContainer, validateName } from './container-validation.ts'

/**
 * `pods/ephemeralcontainers`: adds containers for debugging to a pod that exists (upstream: pkg/registry/core/pod/storage
 * EphemeralContainersREST). All other changes in the body are dropped; 422 when one that is there was changed or removed.
 */
export const ephemeralContainersSubresource: SubresourceDefinition<Pod> = {
  body: { group: '', version: 'v1', kind: 'Pod', schema: 'io.k8s.api.core.v1.Pod' },
  verbs: ['get', 'patch', 'update'],
  apply(pod, body) {
    const { ephemeralContainers } = (body as Pod).spec
    const { ephemeralContainers: _, ...spec } = pod.spec
    const next: Pod = { ...pod, spec: ephemeralContainers?.length ? { ...spec, ephemeralContainers } : spec }
    const errors = [
      ...validateChange(next, pod),
      ...validateEphemeralContainers(next.spec, 'spec.ephemeralContainers'),
    ]
    if (errors.length > 0) throw invalid({ group: '', kind: 'Pod' }, pod.metadata.name, errors)
    return next
  },
}

/** A pod is created without them: they only make sense beside what runs. */
export function validateNoEphemeralContainers(pod: Pod): FieldError[] {
  if (!pod.spec.ephemeralContainers?.length) return []
  return [forbiddenField('spec.ephemeralContainers', 'cannot be set on create')]
}

/** What is there stays as it is (upstream: ValidatePodEphemeralContainersUpdate). */
function validateChange(pod: Pod, old: Pod): FieldError[] {
  const path = 'spec.ephemeralContainers'
  if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbiddenField('', 'static pods do not support ephemeral containers')]
  }
  const now = new Map((pod.spec.ephemeralContainers ?? []).map((container) => [container.name, container]))
  return (old.spec.ephemeralContainers ?? []).flatMap((before) => {
    const after = now.get(before.name)
    if (!after)
      return [forbiddenField(path, `existing ephemeral containers "${before.name}" may not be removed\n`)]
    if (deepEqual(after, before)) return []
    return [forbiddenField(path, `existing ephemeral containers "${before.name}" may not be changed\n`)]
  })
}

const notAllowed = [
  'lifecycle',
  'livenessProbe',
  'ports',
  'readinessProbe',
  'resizePolicy',
  'resources',
  'restartPolicy',
  'restartPolicyRules',
  'startupProbe',
] as const

/** Ephemeral containers by themselves (upstream: validation.go validateEphemeralContainers). */
function validateEphemeralContainers(spec: PodSpec, path: string): FieldError[] {
  const others = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name)
  const names = new Set(others)
  return (spec.ephemeralContainers ?? []).flatMap((container, at) => {
    const where = `${path}[${at}]`
    const errors = [
      ...validateName(container.name, names, where),
      ...validateContainer(container, spec.volumes, where),
      ...validateAllowedFields(container, where),
    ]
    const target = container.targetContainerName
    if (target && !others.includes(target)) errors.push(notFoundValue(`${where}.targetContainerName`, target))
    return errors
  })
}

function validateAllowedFields(container: EphemeralContainer, path: string): FieldError[] {
  const why = 'cannot be set for an Ephemeral Container'
  const given = notAllowed.filter((name) => !isEmpty(container[name]))
  const errors = given.map((name) => forbiddenField(`${path}.${name}`, why))
  for (const [at, mount] of (container.volumeMounts ?? []).entries()) {
    for (const name of ['subPath', 'subPathExpr'] as const) {
      if (mount[name]) errors.push(forbiddenField(`${path}.volumeMounts[${at}].${name}`, why))
    }
  }
  return errors
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
