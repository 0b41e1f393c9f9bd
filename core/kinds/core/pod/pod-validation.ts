import type { Pod } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField } from '../../../api/field-errors.ts'
import { validatePodAnnotations, validateProfilesMatch } from './annotation-validation.ts'
import { validateTrimmedImage } from './ephemeral-validation.ts'
import { validatePodSpec } from './spec-validation.ts'

/** What holds for a pod at all times, beside its metadata (upstream: validation.go validatePodMetadataAndSpec). */
export function validatePod({ metadata, spec }: Pod): FieldError[] {
  return [
    ...validatePodAnnotations(metadata, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', metadata),
    ...validateTokens(spec),
    ...(['containers', 'initContainers'] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap(({ image }, at) => validateTrimmedImage(image, `spec.${list}[${at}]`)),
    ),
  ]
}

/** Without a service account nobody can be given its token. */
function validateTokens({ serviceAccountName, volumes = [] }: Pod['spec']): FieldError[] {
  if (serviceAccountName) return []
  const why = 'must not be specified when serviceAccountName is not set'
  return volumes.flatMap(({ projected }, at) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, index) => {
      const where = `spec.volumes[${at}].projected.sources[${index}].serviceAccountToken`
      return serviceAccountToken ? [forbiddenField(where, why)] : []
    }),
  )
}

/** What a new pod cannot have yet (upstream: ValidatePodCreate). */
export function validatePodCreate({ metadata, spec }: Pod): FieldError[] {
  const errors: FieldError[] = []
  if (spec.ephemeralContainers?.length) {
    // They only make sense beside what runs.
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'))
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const why = 'cannot be set until all schedulingGates have been cleared'
    errors.push(forbiddenField('spec.nodeName', why))
  }
  return [...errors, ...validateProfilesMatch(metadata, spec, 'spec')]
}
