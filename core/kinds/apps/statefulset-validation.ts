import type { StatefulSetSpec } from '../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { validateAnnotations, validateLabels } from '../../registry/validation/metadata.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { validatePodTemplate } from '../core/pod/spec-validation.ts'
import { validateClaimSpec } from '../core/volumes/claim-spec.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { amountOf, validateAtMost100Percent, validateIntOrPercent } from '../validation/int-or-percent.ts'
import { validateEndless, validateMatches, validateWorkloadSelector } from './replica-workload.ts'

/** What of a StatefulSet's spec counts: of a new one all, of a changed one not what cannot be made good. */
export type StatefulSetRules = { isNew: true } | { isNew?: false; old: StatefulSetSpec }

/**
 * Upstream: pkg/apis/apps/validation ValidateStatefulSetSpec. The name of the Service and the claims never change, so
 * that what an older version let through there is suffered on update; so is a template that was wrong before.
 */
export function validateStatefulSetSpec(
  spec: StatefulSetSpec,
  path: string,
  rules: StatefulSetRules,
): FieldError[] {
  const { serviceName } = spec
  const errors = [
    ...validateManagement(spec, path),
    ...validateStrategy(spec, `${path}.updateStrategy`),
    ...validateRetention(spec, `${path}.persistentVolumeClaimRetentionPolicy`),
    ...(rules.isNew ? validateClaims(spec, `${path}.volumeClaimTemplates`) : []),
    ...validateNonNegative(spec.replicas, `${path}.replicas`),
    ...validateNonNegative(spec.minReadySeconds, `${path}.minReadySeconds`),
    ...validateNonNegative(spec.ordinals?.start, `${path}.ordinals.start`),
  ]
  if (rules.isNew && serviceName) {
    errors.push(...invalidFor(`${path}.serviceName`, serviceName, checkDns1123Label(serviceName)))
  }
  const skipsTemplate = !rules.isNew && validateSelected(rules.old, path, false).length > 0
  errors.push(...validateSelected(spec, path, skipsTemplate))
  return [...errors, ...validateEndless(spec.template ?? {}, `${path}.template`, 'StatefulSet')]
}

function validateSelected(spec: StatefulSetSpec, path: string, skipsTemplate: boolean): FieldError[] {
  const words = { why: 'empty selector is invalid for statefulset', malformed: '' }
  const { errors, isReadable } = validateWorkloadSelector(spec.selector, `${path}.selector`, words)
  if (!isReadable) return errors
  const template = templateOfPods(spec)
  const where = `${path}.template`
  return [
    ...errors,
    ...validateMatches(spec.selector, template, where),
    ...(skipsTemplate ? [] : validatePodTemplate(template, where)),
    ...validateLabels(template.metadata?.labels, `${where}.labels`),
    ...validateAnnotations(template.metadata?.annotations, `${where}.annotations`),
  ]
}

/** The template as pods get it: with the volumes of the claims, and without the names the controller sets itself. */
function templateOfPods({ template = {}, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (!template.spec) return template
  const { subdomain: _subdomain, hostname: _hostname, ...pod } = template.spec
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name))
  const volumes = [
    ...[...names].map((name = '') => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...(pod.volumes ?? []).filter(({ name }) => !names.has(name)),
  ]
  return { ...template, spec: { ...pod, ...(volumes.length > 0 && { volumes }) } }
}

function validateClaims({ volumeClaimTemplates = [] }: StatefulSetSpec, path: string): FieldError[] {
  return volumeClaimTemplates.flatMap(({ spec = {} }, at) => validateClaimSpec(spec, `${path}[${at}].spec`))
}

function validateManagement({ podManagementPolicy: policy }: StatefulSetSpec, path: string): FieldError[] {
  if (!policy) return [required(`${path}.podManagementPolicy`)]
  if (policy === 'OrderedReady' || policy === 'Parallel') return []
  return [invalidValue(`${path}.podManagementPolicy`, policy, "must be 'OrderedReady' or 'Parallel'")]
}

function validateStrategy({ updateStrategy }: StatefulSetSpec, path: string): FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {}
  if (!type) return [required(path)]
  // Values are shown as upstream's Go structs.
  const { partition = 0, maxUnavailable } = rollingUpdate ?? {}
  const shown = rollingUpdate ? { Partition: partition, MaxUnavailable: maxUnavailable ?? null } : null
  if (type === 'OnDelete') {
    const why = "only allowed for updateStrategy 'RollingUpdate'"
    return shown ? [invalidValue(`${path}.rollingUpdate`, shown, why)] : []
  }
  if (type !== 'RollingUpdate') {
    const value = { Type: type, RollingUpdate: shown }
    return [invalidValue(path, value, "must be 'RollingUpdate' or 'OnDelete'")]
  }
  const errors = validateNonNegative(partition, `${path}.rollingUpdate.partition`)
  const where = `${path}.rollingUpdate.maxUnavailable`
  if (maxUnavailable === undefined) return errors
  errors.push(...validateIntOrPercent(maxUnavailable, where))
  if (amountOf(maxUnavailable) === 0) errors.push(invalidValue(where, maxUnavailable, 'cannot be 0'))
  return [...errors, ...validateAtMost100Percent(maxUnavailable, where)]
}

function validateRetention(spec: StatefulSetSpec, path: string): FieldError[] {
  const policy = spec.persistentVolumeClaimRetentionPolicy
  if (!policy) return []
  const supported = ['Retain', 'Delete']
  return (['whenDeleted', 'whenScaled'] as const).flatMap((name) =>
    supported.includes(policy[name] ?? '')
      ? []
      : [notSupported(`${path}.${name}`, policy[name] ?? '', supported)],
  )
}
