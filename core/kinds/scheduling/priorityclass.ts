import type { PriorityClass } from '../../api/generated/scheduling-v1.ts'
import { highestUserPriority, systemPriorityClasses } from '../../api/priority-classes.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { forbiddenField, immutable, notSupported, required } from '../../api/field-errors.ts'

const systemPrefix = 'system-'
const preemptionPolicies = ['PreemptLowerPriority', 'Never']

export const priorityClass = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  namespaced: false,
  names: { plural: 'priorityclasses', singular: 'priorityclass', short: ['pc'] },
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  tracksGeneration: true,
  // A class is made once: no change of it is a new generation.
  generationOf: () => undefined,
  columns: [
    nameColumn(),
    { name: 'Value', type: 'integer', value: ({ value }) => value ?? 0 },
    { name: 'Global-Default', type: 'boolean', value: ({ globalDefault }) => globalDefault ?? false },
    ageColumn(),
    { name: 'PreemptionPolicy', type: 'string', value: ({ preemptionPolicy }) => preemptionPolicy ?? '' },
  ],
  default(object) {
    object.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  validate: validateClass,
  validateUpdate(object, old) {
    const { value = 0, preemptionPolicy } = object
    const errors: FieldError[] = []
    if (value !== (old.value ?? 0)) errors.push(forbiddenField('value', 'may not be changed in an update.'))
    if (preemptionPolicy !== old.preemptionPolicy)
      errors.push(immutable('preemptionPolicy', preemptionPolicy))
    return errors
  },
})

function validateClass(object: PriorityClass): FieldError[] {
  const { metadata, value = 0, preemptionPolicy } = object
  const errors: FieldError[] = []
  if (metadata.name.startsWith(systemPrefix)) {
    const problem = systemClassProblem(object)
    if (problem) {
      const why = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${problem}`
      errors.push(forbiddenField('metadata.name', why))
    }
  } else if (value > highestUserPriority) {
    const why = `maximum allowed value of a user defined priority is ${highestUserPriority}`
    errors.push(forbiddenField('value', why))
  }
  if (preemptionPolicy === '') errors.push(required('preemptionPolicy'))
  else if (preemptionPolicy !== undefined && !preemptionPolicies.includes(preemptionPolicy)) {
    errors.push(notSupported('preemptionPolicy', preemptionPolicy, preemptionPolicies))
  }
  return errors
}

/** How a class with a reserved name differs from the system's own, if it does. */
function systemClassProblem({
  metadata: { name },
  value = 0,
  globalDefault,
}: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find((one) => one.name === name)
  if (!known) return `${name} is not a known system priority class`
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
