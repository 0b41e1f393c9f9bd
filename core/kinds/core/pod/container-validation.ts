import type { Container } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, forbiddenField, invalidFor, notSupported, required } from '../../../api/field-errors.ts'
import { checkDns1123Label } from '../../validation/formats.ts'
import { validateEnv, validateEnvFrom } from './env-validation.ts'
import { validateLifecycle, validateLivenessProbe, validateReadinessProbe } from './handler-validation.ts'
import { validateDevices, validateMounts } from './mount-validation.ts'
import { validateHostPorts, validatePorts } from './port-validation.ts'
import { validateResizePolicies } from './resize-policy-validation.ts'
import { validateContainerResources } from './resources-validation.ts'
import { validateRestartRules } from './restart-rules-validation.ts'
import { validateSecurityContext } from './security-validation.ts'
import type { SpecContext } from './spec-context.ts'

const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const messagePolicies = ['File', 'FallbackToLogsOnError']

/** The pod's containers proper (upstream: pkg/apis/core/validation/validation.go validateContainers). */
export function validateContainers(
  containers: Container[] | undefined,
  context: SpecContext,
  path: string,
): FieldError[] {
  if (!containers?.length) return [required(path)]
  const names = new Set<string>()
  const errors = containers.flatMap((container, at) => {
    const where = `${path}[${at}]`
    return [
      ...validateContainer(container, context, where),
      ...validateUnique(container.name ?? '', names, where),
      ...validateRunning(container, context, where),
      ...validateRestartRules(container, where),
    ]
  })
  return [...errors, ...validateHostPorts(containers, path)]
}

const needsAlways = 'may not be set for init containers without restartPolicy=Always'

/** Containers that run before the others, and sidecars (upstream: validateInitContainers). */
export function validateInitContainers(
  spec: { initContainers?: Container[]; containers?: Container[] },
  context: SpecContext,
  path: string,
): FieldError[] {
  const names = new Set((spec.containers ?? []).map((container) => container.name ?? ''))
  return (spec.initContainers ?? []).flatMap((container, at) => {
    const where = `${path}[${at}]`
    const errors = [
      ...validateContainer(container, context, where),
      ...validateRestartRules(container, where),
      ...validateUnique(container.name ?? '', names, where),
      // One after the other: only ports of the same one can be in each other's way.
      ...validateHostPorts([container], path),
    ]
    if (container.restartPolicy === 'Always') {
      return [...errors, ...validateRunning(container, context, where)]
    }
    const set = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter(
      (name) => container[name] !== undefined,
    )
    return [...errors, ...set.map((name) => forbiddenField(`${where}.${name}`, needsAlways))]
  })
}

/** Hooks and probes, of what runs as long as the pod. */
function validateRunning(container: Container, context: SpecContext, path: string): FieldError[] {
  return [
    ...validateLifecycle(container.lifecycle, context, `${path}.lifecycle`),
    ...validateLivenessProbe(container.livenessProbe, `${path}.livenessProbe`),
    ...validateReadinessProbe(container.readinessProbe, `${path}.readinessProbe`),
    ...validateLivenessProbe(container.startupProbe, `${path}.startupProbe`),
  ]
}

/** A container's name among those `taken`, which it joins. */
export function validateUnique(name: string, taken: Set<string>, path: string): FieldError[] {
  if (taken.has(name)) return [duplicate(`${path}.name`, name)]
  taken.add(name)
  return []
}

/** What holds for every container, of whatever sort (upstream: validateContainerCommon). */
export function validateContainer(container: Container, context: SpecContext, path: string): FieldError[] {
  const { name, image, imagePullPolicy, terminationMessagePolicy } = container
  return [
    ...(name ? invalidFor(`${path}.name`, name, checkDns1123Label(name)) : [required(`${path}.name`)]),
    ...(image ? [] : [required(`${path}.image`)]),
    ...validateOneOf(terminationMessagePolicy, messagePolicies, `${path}.terminationMessagePolicy`),
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, context, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, context.volumes, `${path}.volumeMounts`),
    ...validateDevices(container, context.volumes, `${path}.volumeDevices`),
    ...validateOneOf(imagePullPolicy, pullPolicies, `${path}.imagePullPolicy`),
    ...validateContainerResources(container.resources, context.claimNames, `${path}.resources`),
    ...validateResizePolicies(container, context.restartPolicy, `${path}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, context.hostUsers, `${path}.securityContext`),
  ]
}

/** A required value of an enumeration. */
export function validateOneOf(value: string | undefined, all: string[], path: string): FieldError[] {
  if (!value) return [required(path)]
  return all.includes(value) ? [] : [notSupported(path, value, all)]
}
