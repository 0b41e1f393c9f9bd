import { internalForm } from '../validation/internal-form.ts'
import type { JobSpec } from '../../api/generated/batch-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { validatePodTemplate } from '../core/pod/spec-validation.ts'
import { validateDomainPrefixedPath } from '../validation/domain-names.ts'
import { invalidValue, notSupported, required, tooLong } from '../../api/field-errors.ts'
import { validatePodFailurePolicy } from './pod-failure-policy-validation.ts'
import { validateSuccessPolicy } from './success-policy-validation.ts'

/** Upper bounds of Indexed Jobs, and the stricter ones of those with very many completions. */
const most = 100_000
const mostWithManyCompletions = 10_000

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const

/**
 * What a Job and a CronJob's template have in common: everything but the selector (upstream:
 * pkg/apis/batch/validation validateJobSpec).
 */
export function validateJobTemplateSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = counts.flatMap((name) => validateNonNegative(spec[name], `${path}.${name}`))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  if (spec.managedBy !== undefined) errors.push(...validateManagedBy(spec.managedBy, `${path}.managedBy`))
  const mode = spec.completionMode ?? 'NonIndexed'
  if (mode === 'Indexed') errors.push(...validateIndexed(spec, path))
  else if (mode === 'NonIndexed') errors.push(...validateNonIndexed(spec, path))
  else errors.push(notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed']))
  if (spec.podFailurePolicy) errors.push(...validatePodFailurePolicy(spec, `${path}.podFailurePolicy`))
  if (spec.successPolicy) {
    const where = `${path}.successPolicy`
    if (mode === 'Indexed') errors.push(...validateSuccessPolicy(spec, where))
    else
      errors.push(
        invalidValue(
          where,
          internalForm('batch.SuccessPolicy', spec.successPolicy),
          'requires indexed completion mode',
        ),
      )
  }
  errors.push(...validateReplacement(spec, `${path}.podReplacementPolicy`))
  errors.push(...validatePodTemplate(spec.template ?? {}, `${path}.template`))
  return [...errors, ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`)]
}

/** A controller's name such as `acme.io/jobs`. */
function validateManagedBy(value: string, path: string): FieldError[] {
  const errors = validateDomainPrefixedPath(value, path)
  return Buffer.byteLength(value) > 63 ? [...errors, tooLong(path, 63)] : errors
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes = 0 } = spec
  const errors: FieldError[] = []
  if (completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  }
  if (parallelism > most) {
    const why = `must be less than or equal to ${most} when completion mode is Indexed`
    errors.push(invalidValue(`${path}.parallelism`, parallelism, why))
  }
  if (completions !== undefined && maxFailedIndexes > completions) {
    const why = 'must be less than or equal to completions'
    errors.push(invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, why))
  }
  if (maxFailedIndexes > most) {
    const why = `must be less than or equal to ${most}`
    errors.push(invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, why))
  }
  if ((completions ?? 0) <= most || spec.backoffLimitPerIndex === undefined) return errors
  if (spec.maxFailedIndexes === undefined) {
    const why = `must be specified when completions is above ${most}`
    errors.push(required(`${path}.maxFailedIndexes`, why))
  }
  for (const name of ['parallelism', 'maxFailedIndexes'] as const) {
    const value = spec[name] ?? 0
    if (value <= mostWithManyCompletions) continue
    const why = `must be less than or equal to ${mostWithManyCompletions} when completions are above ${most} and used with backoff limit per index`
    errors.push(invalidValue(`${path}.${name}`, value, why))
  }
  return errors
}

function validateNonIndexed(spec: JobSpec, path: string): FieldError[] {
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    .filter((name) => spec[name] !== undefined)
    .map((name) => invalidValue(`${path}.${name}`, spec[name], 'requires indexed completion mode'))
}

function validateReplacement(spec: JobSpec, path: string): FieldError[] {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec
  if (policy === undefined) return []
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  return supported.includes(policy) ? [] : [notSupported(path, policy, supported)]
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: string): FieldError[] {
  const policy = template?.spec?.restartPolicy ?? ''
  if (policy === 'Always' || policy === '') return [required(path, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never')
    return [notSupported(path, policy, ['OnFailure', 'Never'])]
  if (!podFailurePolicy || policy === 'Never') return []
  return [invalidValue(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}
