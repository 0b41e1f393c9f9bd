import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '../../api/generated/authorization-v1.ts'
import type { ObjectMeta } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'

interface Question {
  resourceAttributes?: ResourceAttributes
  nonResourceAttributes?: NonResourceAttributes
}

/** A review asks about a resource or about a path (upstream: pkg/apis/authorization/validation). */
export function validateQuestion(spec: Question): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec
  if (resourceAttributes && nonResourceAttributes) {
    return [
      invalidValue(
        'spec.nonResourceAttributes',
        nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    ]
  }
  if (resourceAttributes ?? nonResourceAttributes) return []
  return [
    invalidValue(
      'spec.resourceAttributes',
      undefined,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ),
  ]
}

/** A question about somebody names a user or a group. */
export function validateSubjectQuestion(spec: SubjectAccessReviewSpec): FieldError[] {
  const errors = validateQuestion(spec)
  if (!spec.user && !spec.groups?.length) {
    errors.push(invalidValue('spec.user', spec.user ?? '', 'at least one of user or group must be specified'))
  }
  return errors
}

/** A review is no object of its own, and so has no metadata; a local one has a namespace. */
export function validateNoMetadata(metadata: ObjectMeta, isNamespaced: boolean): FieldError[] {
  const allowed = ['name', 'managedFields', 'creationTimestamp', ...(isNamespaced ? ['namespace'] : [])]
  const given = Object.entries(metadata).some(([key, value]) => value !== undefined && !allowed.includes(key))
  if (!given && !metadata.name) return []
  const why = isNamespaced ? 'must be empty except for namespace' : 'must be empty'
  return [invalidValue('metadata', metadata, why)]
}
