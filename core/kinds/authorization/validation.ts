import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '../../api/generated/authorization-v1.ts'
import type { ObjectMeta } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import { invalidFor, invalidValue, required } from '../../api/field-errors.ts'
import { checkLabelValue, checkQualifiedName } from '../validation/formats.ts'
import { validateValueCount } from '../validation/label-selector.ts'

interface Question {
  resourceAttributes?: ResourceAttributes
  nonResourceAttributes?: NonResourceAttributes
}

/** A review asks about a resource or about a path (upstream: pkg/apis/authorization/validation). */
export function validateQuestion(spec: Question): FieldError[] {
  return [...validateChoice(spec), ...validateSelectors(spec.resourceAttributes)]
}

function validateChoice({ resourceAttributes, nonResourceAttributes }: Question): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    const why = 'cannot be specified in combination with resourceAttributes'
    return [invalidValue('spec.nonResourceAttributes', internalForm(nonResourceAttributes), why)]
  }
  if (resourceAttributes ?? nonResourceAttributes) return []
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalidValue('spec.resourceAttributes', undefined, why)]
}

/** Attributes of a path as messages show them: upstream's internal type has no JSON names. */
export function internalForm({ path = '', verb = '' }: NonResourceAttributes): object {
  return { Path: path, Verb: verb }
}

/** A question about somebody names a user or a group. */
export function validateSubjectQuestion(spec: SubjectAccessReviewSpec): FieldError[] {
  const errors = validateChoice(spec)
  if (!spec.user && !spec.groups?.length) {
    errors.push(invalidValue('spec.user', spec.user ?? '', 'at least one of user or group must be specified'))
  }
  return [...errors, ...validateSelectors(spec.resourceAttributes)]
}

function validateSelectors(attributes: ResourceAttributes | undefined): FieldError[] {
  const { fieldSelector, labelSelector } = attributes ?? {}
  const path = 'spec.resourceAttributes'
  return [
    ...validateSelector(fieldSelector, `${path}.fieldSelector`, ({ key }, at) =>
      key ? [] : [required(at, 'must be specified')],
    ),
    ...validateSelector(labelSelector, `${path}.labelSelector`, ({ key, values = [] }, at, where) => [
      ...invalidFor(at, key, checkQualifiedName(key)),
      ...values.flatMap((value, index) =>
        invalidFor(`${where}.values[${index}]`, value, checkLabelValue(value)),
      ),
    ]),
  ]
}

interface Selector {
  rawSelector?: string
  requirements?: Requirement[]
}
interface Requirement {
  key: string
  operator: string
  values?: string[]
}

/** A selector is text or requirements, whose operators may be such as only newer clients know. */
function validateSelector(
  selector: Selector | undefined,
  path: string,
  validateTerms: (requirement: Requirement, keyPath: string, path: string) => FieldError[],
): FieldError[] {
  if (!selector) return []
  const { rawSelector, requirements = [] } = selector
  const errors: FieldError[] = []
  if (rawSelector && requirements.length > 0) {
    const why = 'may not specified at the same time as requirements'
    errors.push(invalidValue(`${path}.rawSelector`, rawSelector, why))
  }
  if (!rawSelector && requirements.length === 0) {
    const why = `when ${path} is specified, requirements or rawSelector is required`
    errors.push(required(`${path}.requirements`, why))
  }
  for (const [at, requirement] of requirements.entries()) {
    const where = `${path}.requirements[${at}]`
    // Of a field the key comes first, of a label the values do.
    const terms = validateTerms(requirement, `${where}.key`, where)
    const count = validateValueCount(requirement, `${where}.values`)
    errors.push(...(path.endsWith('fieldSelector') ? [...terms, ...count] : [...count, ...terms]))
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
