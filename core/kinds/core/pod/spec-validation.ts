import type { PodResourceClaim, PodSpec, PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import type { ObjectMeta } from '../../../api/meta.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateAnnotations } from '../../../registry/validation/metadata.ts'
import {
  duplicate,
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain, checkQualifiedName } from '../../validation/formats.ts'
import { validateLabels } from '../../validation/label-selector.ts'
import { validateAffinity } from './affinity-validation.ts'
import { validatePodAnnotations, validateProfilesMatch } from './annotation-validation.ts'
import { validateContainers, validateInitContainers, validateOneOf } from './container-validation.ts'
import { validateDnsConfig, validateHostAliases, validateHostname } from './dns-validation.ts'
import { validateEphemeralContainers } from './ephemeral-validation.ts'
import { validateOs } from './os-validation.ts'
import { validatePodResources } from './pod-resources-validation.ts'
import { validateOverhead } from './resources-validation.ts'
import { validatePodSecurityContext } from './security-validation.ts'
import { specContext } from './spec-context.ts'
import { validateSpreadConstraints } from './spread-validation.ts'
import { validateTolerations } from './toleration-validation.ts'
import { validateVolumes } from './volume-validation.ts'
import { validateHostProcess } from './windows-validation.ts'

const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const preemptionPolicies = ['PreemptLowerPriority', 'Never']
const maxInt32 = 2 ** 31 - 1

/**
 * A pod's spec with all its parts (upstream: pkg/apis/core/validation/validation.go ValidatePodSpec). `pod` is the
 * metadata of the pod that the spec is of; a template's has none, and is judged more leniently.
 */
export function validatePodSpec(spec: PodSpec, path: string, pod?: Pick<ObjectMeta, 'name'>): FieldError[] {
  const volumes = validateVolumes(spec.volumes, `${path}.volumes`, pod)
  const context = specContext(spec, volumes.sound)
  return [
    ...(spec.terminationGracePeriodSeconds === undefined
      ? [required(`${path}.terminationGracePeriodSeconds`)]
      : []),
    ...volumes.errors,
    ...validateResourceClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateContainers(spec.containers, context, `${path}.containers`),
    ...validateInitContainers(spec, context, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, context, `${path}.ephemeralContainers`),
    ...validatePodResources(spec, `${path}.resources`),
    ...validateHostNetworkPorts(spec, `${path}.containers`, pod !== undefined),
    ...validateOneOf(spec.restartPolicy, restartPolicies, `${path}.restartPolicy`),
    ...validateOneOf(spec.dnsPolicy, dnsPolicies, `${path}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurityContext(spec, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDnsConfig(spec, `${path}.dnsConfig`),
    ...validateGates(spec, path),
    ...validateSpreadConstraints(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, ['serviceAccountName', 'nodeName'], path),
    ...validateDeadline(spec.activeDeadlineSeconds, `${path}.activeDeadlineSeconds`),
    ...validateHostname(spec, path),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validateHostAliases(spec, `${path}.hostAliases`),
    ...validateNames(spec, ['priorityClassName', 'runtimeClassName'], path),
    ...validatePreemption(spec.preemptionPolicy, `${path}.preemptionPolicy`),
    ...validateOverhead(spec.overhead, `${path}.overhead`),
    ...validateOs(spec, path),
  ]
}

/** A workload's pod template: labels, annotations and spec (upstream: ValidatePodTemplateSpec). */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { labels, annotations } = template.metadata ?? {}
  const { spec } = template
  const errors = [
    ...validateLabels(labels, `${path}.labels`),
    ...validateAnnotations(annotations, `${path}.annotations`),
  ]
  if (!spec) return [...errors, required(`${path}.spec`)]
  errors.push(
    ...validatePodAnnotations({ annotations }, spec, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`),
    ...validateProfilesMatch({ annotations }, spec, `${path}.spec`),
  )
  if (spec.ephemeralContainers?.length) {
    const why = 'ephemeral containers not allowed in pod template'
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, why))
  }
  return errors
}

/** Claims of devices, each under a name of its own (upstream: validatePodResourceClaims). */
function validateResourceClaims(claims: PodResourceClaim[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return (claims ?? []).flatMap((claim, at) => {
    const where = `${path}[${at}]`
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const errors: FieldError[] = []
    if (!name) errors.push(required(`${where}.name`))
    else if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
    else errors.push(...invalidFor(`${where}.name`, name, checkDns1123Label(name)))
    names.add(name)
    const shown = {
      Name: name ?? '',
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const why = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
      errors.push(invalidValue(where, shown, why))
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const why = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
      errors.push(invalidValue(where, shown, why))
    }
    for (const [field, value] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) {
      if (value === undefined) continue
      errors.push(...invalidFor(`${where}.${field}`, value, checkDns1123Subdomain(value)))
    }
    return errors
  })
}

/** On the node's network a port of a container is one of the node; a template may leave it to the pod's defaults. */
function validateHostNetworkPorts(spec: PodSpec, path: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return []
  const why = 'must match `containerPort` when `hostNetwork` is true'
  return (spec.containers ?? []).flatMap(({ ports = [] }, at) =>
    ports.flatMap(({ hostPort = 0, containerPort }, index) => {
      if (hostPort === containerPort || (!isPod && hostPort === 0)) return []
      return [invalidValue(`${path}[${at}].ports[${index}].hostPort`, hostPort, why)]
    }),
  )
}

/** What must have happened before the pod is ready, and before it is scheduled. */
function validateGates({ readinessGates = [], schedulingGates = [] }: PodSpec, path: string): FieldError[] {
  const errors = readinessGates.flatMap(({ conditionType = '' }, at) =>
    invalidFor(
      `${path}.readinessGates[${at}].conditionType`,
      conditionType,
      checkQualifiedName(conditionType),
    ),
  )
  const seen = new Set<string>()
  for (const [at, { name = '' }] of schedulingGates.entries()) {
    const where = `${path}.schedulingGates[${at}]`
    errors.push(...invalidFor(where, name, checkQualifiedName(name)))
    if (seen.has(name)) errors.push(duplicate(where, name))
    seen.add(name)
  }
  return errors
}

/** Users of a pod that are not the node's cannot share its other namespaces. */
function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return []
  const shared = [
    ['hostNetwork', spec.hostNetwork],
    ['HostPID', spec.hostPID],
    ['HostIPC', spec.hostIPC],
  ] as const
  return shared
    .filter(([, isShared]) => isShared)
    .map(([name]) => forbiddenField(`${path}.${name}`, 'when `pod.Spec.HostUsers` is false'))
}

function validateNames(
  spec: PodSpec,
  names: ('serviceAccountName' | 'nodeName' | 'priorityClassName' | 'runtimeClassName')[],
  path: string,
): FieldError[] {
  return names.flatMap((name) => {
    const value = spec[name]
    // An empty runtime class is one that is named wrongly; the other names count as absent.
    if (value === undefined || (value === '' && name !== 'runtimeClassName')) return []
    return invalidFor(`${path}.${name}`, value, checkDns1123Subdomain(value))
  })
}

function validateDeadline(seconds: number | undefined, path: string): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= maxInt32)) return []
  return [invalidValue(path, seconds, `must be between 1 and ${maxInt32}, inclusive`)]
}

function validatePreemption(policy: string | undefined, path: string): FieldError[] {
  if (policy === undefined) return []
  if (policy === '') return [required(path)]
  return preemptionPolicies.includes(policy) ? [] : [notSupported(path, policy, preemptionPolicies)]
}
