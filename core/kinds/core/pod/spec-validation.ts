import type { PodSpec, PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-errors.ts'
import { checkDns1123Subdomain, checkQualifiedName } from '../../validation/formats.ts'
import { validateLabels } from '../../validation/label-selector.ts'
import { validateResizePolicies } from './resize-policy-validation.ts'
import { validateContainers, validateInitContainers, validateOneOf } from './container-validation.ts'
import { validatePodDns } from './dns-validation.ts'
import { validateNonNegative } from './handler-validation.ts'
import { validateResources } from './resources-validation.ts'
import { validateAffinity, validateSpreadConstraints, validateTolerations } from './scheduling-validation.ts'
import { validatePodSecurityContext } from './security-validation.ts'
import { validateVolumes } from './volume-validation.ts'

const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const preemptionPolicies = ['PreemptLowerPriority', 'Never']

/** A pod's spec with all its parts (upstream: pkg/apis/core/validation/validation.go ValidatePodSpec). */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const errors = [
    ...validateVolumes(spec.volumes, `${path}.volumes`),
    ...validateContainers(spec.containers, spec.volumes, `${path}.containers`),
    ...validateInitContainers(spec, `${path}.initContainers`),
    ...validateResizePolicies(spec, path),
    ...validateResources(spec.resources, `${path}.resources`),
    ...validateOneOf(spec.restartPolicy, restartPolicies, `${path}.restartPolicy`),
    ...validateOneOf(spec.dnsPolicy, dnsPolicies, `${path}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurityContext(spec.securityContext, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validatePodDns(spec, path),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validateSpreadConstraints(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateNames(spec, path),
    ...validateSeconds(spec, path),
    ...validateHostNamespaces(spec, path),
  ]
  const { preemptionPolicy } = spec
  if (preemptionPolicy && !preemptionPolicies.includes(preemptionPolicy)) {
    errors.push(notSupported(`${path}.preemptionPolicy`, preemptionPolicy, preemptionPolicies))
  }
  for (const [at, gate] of (spec.readinessGates ?? []).entries()) {
    const type = gate.conditionType ?? ''
    errors.push(...invalidFor(`${path}.readinessGates[${at}].conditionType`, type, checkQualifiedName(type)))
  }
  return errors
}

/** A workload's pod template: labels and spec. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const errors = [
    ...validateLabels(template.metadata?.labels, `${path}.labels`),
    ...(template.spec ? validatePodSpec(template.spec, `${path}.spec`) : [required(`${path}.spec`)]),
  ]
  if (template.spec?.ephemeralContainers?.length) {
    const why = 'ephemeral containers not allowed in pod template'
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, why))
  }
  return errors
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const) {
    const value = spec[name]
    if (value) errors.push(...invalidFor(`${path}.${name}`, value, checkDns1123Subdomain(value)))
  }
  for (const [at, secret] of (spec.imagePullSecrets ?? []).entries()) {
    if (!secret.name) errors.push(required(`${path}.imagePullSecrets[${at}].name`))
  }
  for (const [at, gate] of (spec.schedulingGates ?? []).entries()) {
    errors.push(
      ...invalidFor(`${path}.schedulingGates[${at}]`, gate.name, checkQualifiedName(gate.name ?? '')),
    )
  }
  return errors
}

function validateSeconds(spec: PodSpec, path: string): FieldError[] {
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec
  const errors = validateNonNegative(grace, `${path}.terminationGracePeriodSeconds`)
  if (deadline !== undefined && (deadline < 1 || deadline > 2 ** 31 - 1)) {
    const why = 'must be between 1 and 2147483647, inclusive'
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, why))
  }
  return errors
}

function validateHostNamespaces(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (spec.hostPID && spec.shareProcessNamespace) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(invalidValue(`${path}.shareProcessNamespace`, spec.shareProcessNamespace, why))
  }
  if (!spec.hostNetwork) return errors
  for (const [at, container] of (spec.containers ?? []).entries()) {
    for (const [index, port] of (container.ports ?? []).entries()) {
      if (port.hostPort === port.containerPort) continue
      const where = `${path}.containers[${at}].ports[${index}].containerPort`
      errors.push(invalidValue(where, port.containerPort, 'must match `hostPort` when `hostNetwork` is true'))
    }
  }
  return errors
}
