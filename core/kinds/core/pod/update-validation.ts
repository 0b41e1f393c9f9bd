import type { Pod, PodSpec, Toleration } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidValue } from '../../validation/field-errors.ts'
import { deepEqual, differences } from '../../validation/deep-equal.ts'

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** What may change in a pod once it exists (upstream: validation.go ValidatePodUpdate). */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [
    ...validateContainerCount(pod.spec, old.spec),
    ...validateDeadline(pod.spec, old.spec),
    ...validateAddedTolerations(pod.spec.tolerations, old.spec.tolerations),
    ...validateGates(pod, old),
  ]
  if (errors.length > 0) return errors
  const munged = withUpdatable(pod.spec, old.spec)
  const gated = (old.spec.schedulingGates?.length ?? 0) > 0
  if (gated) {
    munged.schedulingGates = old.spec.schedulingGates
    munged.nodeSelector = old.spec.nodeSelector
    munged.affinity = old.spec.affinity
  }
  const changed = differences(munged, old.spec, 'spec')
  if (changed.length === 0) return []
  return [
    forbiddenField(
      'spec',
      `pod updates may not change fields other than ${updatable}\n${changed.join('\n')}`,
    ),
  ]
}

/** Removed containers cannot be matched with their former selves, so their number must stay. */
function validateContainerCount(spec: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['containers', 'initContainers'] as const) {
    if ((spec[name]?.length ?? 0) !== (old[name]?.length ?? 0)) {
      errors.push(forbiddenField(`spec.${name}`, 'pod updates may not add or remove containers'))
    }
  }
  return errors
}

function validateDeadline(spec: PodSpec, old: PodSpec): FieldError[] {
  const [after, before] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds]
  if (before === undefined) return []
  if (after === undefined) {
    const why = 'must not update from a positive integer to nil value'
    return [invalidValue('spec.activeDeadlineSeconds', after, why)]
  }
  if (after <= before) return []
  return [invalidValue('spec.activeDeadlineSeconds', after, 'must be less than or equal to previous value')]
}

/** Every old toleration must still be there; `tolerationSeconds` of one may change. */
function validateAddedTolerations(
  tolerations: Toleration[] | undefined,
  old: Toleration[] | undefined,
): FieldError[] {
  const withoutSeconds = ({ tolerationSeconds: _, ...rest }: Toleration): unknown => rest
  const kept = (old ?? []).every((one) =>
    (tolerations ?? []).some((other) => deepEqual(withoutSeconds(one), withoutSeconds(other))),
  )
  if (kept) return []
  const why = 'existing toleration can not be modified except its tolerationSeconds'
  return [forbiddenField('spec.tolerations', why)]
}

/** Gates may be taken away, never added. */
function validateGates(pod: Pod, old: Pod): FieldError[] {
  const before = new Set((old.spec.schedulingGates ?? []).map((gate) => gate.name))
  const added = (pod.spec.schedulingGates ?? []).filter((gate) => !before.has(gate.name))
  return added.map((gate) =>
    forbiddenField(
      'spec.schedulingGates',
      `only deletion is allowed, but found new scheduling gate '${gate.name}'`,
    ),
  )
}

/** The new spec with every field that may change set back, so that it must equal the old one. */
function withUpdatable(spec: PodSpec, old: PodSpec): PodSpec {
  const munged: PodSpec = { ...spec, containers: withImages(spec.containers, old.containers) }
  if (spec.initContainers) munged.initContainers = withImages(spec.initContainers, old.initContainers ?? [])
  if (old.tolerations) munged.tolerations = old.tolerations
  else delete munged.tolerations
  if (old.activeDeadlineSeconds === undefined) delete munged.activeDeadlineSeconds
  else munged.activeDeadlineSeconds = old.activeDeadlineSeconds
  const [grace, before] = [spec.terminationGracePeriodSeconds, old.terminationGracePeriodSeconds]
  if (grace === 1 && before !== undefined && before < 0) munged.terminationGracePeriodSeconds = before
  return munged
}

function withImages<C extends { image?: string }>(containers: C[], old: C[]): C[] {
  return containers.map((container, at) => {
    const image = old[at]?.image
    return image === undefined ? container : { ...container, image }
  })
}
