import type { Pod, PodSpec, Toleration } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { equalInside } from '../../validation/internal-form.ts'
import { internalDiff } from '../../validation/unified-diff.ts'
import { forbiddenField, invalidValue, required } from '../../../api/field-errors.ts'
import { validateAnnotationUpdate } from './annotation-validation.ts'
import { validateTrimmedImage } from './ephemeral-validation.ts'
import { mungeGated } from './gated-update.ts'
import { validateTolerations } from './toleration-validation.ts'

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')
const maxInt32 = 2 ** 31 - 1

/** What may change in a pod once it exists (upstream: validation.go ValidatePodUpdate). */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const { spec } = pod
  const errors = validateAnnotationUpdate(pod.metadata, old.metadata, 'metadata.annotations')
  // Where containers cannot be told apart, or the deadline makes no sense, upstream looks no further.
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (old.spec[list]?.length ?? 0)) {
      return [...errors, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')]
    }
    errors.push(...validateImages(spec[list], `spec.${list}`))
  }
  const deadline = validateDeadline(spec, old.spec)
  errors.push(...deadline)
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors
  errors.push(...validateAddedTolerations(spec.tolerations, old.spec.tolerations))
  errors.push(...validateGates(spec, old.spec))
  const munged = withUpdatable(spec, old.spec)
  if (old.spec.schedulingGates?.length) errors.push(...mungeGated(munged, old.spec))
  if (equalInside('core.PodSpec', munged, old.spec)) return errors
  const changed = internalDiff('core.PodSpec', old.spec, munged)
  const why = `pod updates may not change fields other than ${updatable}\n${changed}`
  return [...errors, forbiddenField('spec', why)]
}

function validateImages(containers: { image?: string }[] | undefined, path: string): FieldError[] {
  return (containers ?? []).flatMap(({ image }, at) => [
    ...(image ? [] : [required(`${path}[${at}].image`)]),
    ...validateTrimmedImage(image, `${path}[${at}]`),
  ])
}

/** A deadline may be set, and come nearer. */
function validateDeadline(spec: PodSpec, old: PodSpec): FieldError[] {
  const [after, before] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds]
  const refuse = (why: string): FieldError[] => [invalidValue('spec.activeDeadlineSeconds', after, why)]
  if (after === undefined) {
    return before === undefined ? [] : refuse('must not update from a positive integer to nil value')
  }
  if (after < 0 || after > maxInt32) return refuse(`must be between 0 and ${maxInt32}, inclusive`)
  return before !== undefined && before < after ? refuse('must be less than or equal to previous value') : []
}

/** Every old toleration must still be there; `tolerationSeconds` of one may change. */
function validateAddedTolerations(
  tolerations: Toleration[] | undefined,
  old: Toleration[] | undefined,
): FieldError[] {
  const textOf = ({ key, operator, value, effect }: Toleration): string =>
    JSON.stringify([key, operator, value, effect])
  const given = new Set((tolerations ?? []).map(textOf))
  const kept = (old ?? []).every((one) => given.has(textOf(one)))
  if (kept) return validateTolerations(tolerations, 'spec.tolerations')
  const why = 'existing toleration can not be modified except its tolerationSeconds'
  return [forbiddenField('spec.tolerations', why)]
}

/** Gates may be taken away, never added. */
function validateGates({ schedulingGates = [] }: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name))
  return schedulingGates.flatMap(({ name }, at) => {
    if (before.has(name)) return []
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`
    return [forbiddenField(`spec.schedulingGates[${at}].name`, why)]
  })
}

/** The new spec with every field that may change set back, so that it must equal the old one. */
function withUpdatable(spec: PodSpec, old: PodSpec): PodSpec {
  const munged: PodSpec = { ...spec, containers: withImages(spec.containers, old.containers) }
  if (spec.initContainers) munged.initContainers = withImages(spec.initContainers, old.initContainers ?? [])
  setBack(munged, old, ['tolerations', 'activeDeadlineSeconds', 'schedulingGates'])
  const [grace, before] = [spec.terminationGracePeriodSeconds, old.terminationGracePeriodSeconds]
  if (grace === 1 && before !== undefined && before < 0) munged.terminationGracePeriodSeconds = before
  return munged
}

function setBack<K extends keyof PodSpec>(spec: PodSpec, old: PodSpec, names: K[]): void {
  for (const name of names) {
    if (old[name] === undefined) delete spec[name]
    else spec[name] = old[name]
  }
}

function withImages<C extends { image?: string }>(containers: C[], old: C[]): C[] {
  return containers.map((container, at) => {
    const image = old[at]?.image
    return image === undefined ? container : { ...container, image }
  })
}
