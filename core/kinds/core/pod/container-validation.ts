import type { Container, ContainerPort, Volume } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  duplicate,
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-errors.ts'
import { checkDns1123Label, checkPortName, checkPortNumber } from '../../validation/formats.ts'
import { validateEnv, validateEnvFrom } from './env-validation.ts'
import { validateLifecycle, validateLivenessProbe, validateReadinessProbe } from './handler-validation.ts'
import { validateDevices, validateMounts } from './mount-validation.ts'
import { validateResources } from './resources-validation.ts'
import { validateSecurityContext } from './security-validation.ts'

const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const protocols = ['SCTP', 'TCP', 'UDP']
const messagePolicies = ['FallbackToLogsOnError', 'File']

/** The pod's containers proper (upstream: pkg/apis/core/validation/validation.go validateContainers). */
export function validateContainers(
  containers: Container[] | undefined,
  volumes: Volume[] | undefined,
  path: string,
): FieldError[] {
  if (!containers?.length) return [required(path)]
  const names = new Set<string>()
  const errors = containers.flatMap((container, at) => {
    const where = `${path}[${at}]`
    return [
      ...validateName(container.name, names, where),
      ...validateContainer(container, volumes, where),
      ...validateLifecycle(container.lifecycle, `${where}.lifecycle`),
      ...validateLivenessProbe(container.livenessProbe, `${where}.livenessProbe`),
      ...validateReadinessProbe(container.readinessProbe, `${where}.readinessProbe`),
      ...validateLivenessProbe(container.startupProbe, `${where}.startupProbe`),
    ]
  })
  return [...errors, ...validateHostPorts(containers, path)]
}

/** Init containers; `taken` are the names of the containers proper. */
export function validateInitContainers(
  spec: { initContainers?: Container[]; containers?: Container[]; volumes?: Volume[] },
  path: string,
): FieldError[] {
  const names = new Set((spec.containers ?? []).map((container) => container.name))
  return (spec.initContainers ?? []).flatMap((container, at) => {
    const where = `${path}[${at}]`
    const errors = [
      ...validateName(container.name, names, where),
      ...validateContainer(container, spec.volumes, where),
      // One after the other: only ports of the same one can be in each other's way.
      ...validateHostPorts([container], path),
    ]
    const policy = container.restartPolicy
    if (policy === 'Always') {
      return [
        ...errors,
        ...validateLifecycle(container.lifecycle, `${where}.lifecycle`),
        ...validateLivenessProbe(container.livenessProbe, `${where}.livenessProbe`),
        ...validateReadinessProbe(container.readinessProbe, `${where}.readinessProbe`),
        ...validateLivenessProbe(container.startupProbe, `${where}.startupProbe`),
      ]
    }
    if (policy !== undefined && policy !== 'Never' && policy !== 'OnFailure') {
      errors.push(notSupported(`${where}.restartPolicy`, policy, ['Always', 'Never', 'OnFailure']))
    }
    for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[name] === undefined) continue
      const why = 'may not be set for init containers without restartPolicy=Always'
      errors.push(forbiddenField(`${where}.${name}`, why))
    }
    return errors
  })
}

/** A container's name, unique among those `taken`, which it joins. */
export function validateName(name: string | undefined, taken: Set<string>, path: string): FieldError[] {
  if (!name) return [required(`${path}.name`)]
  const errors = invalidFor(`${path}.name`, name, checkDns1123Label(name))
  if (taken.has(name)) errors.push(duplicate(`${path}.name`, name))
  taken.add(name)
  return errors
}

/** Ports of the node, of which each can be had by one container only (upstream: checkHostPortConflicts). */
function validateHostPorts(containers: Container[] | undefined, path: string): FieldError[] {
  const taken = new Set<string>()
  const errors: FieldError[] = []
  for (const [at, container] of (containers ?? []).entries()) {
    for (const [index, { protocol, hostIP, hostPort }] of (container.ports ?? []).entries()) {
      if (!hostPort) continue
      const place = `${protocol}/${hostIP ?? ''}/${hostPort}`
      if (taken.has(place)) errors.push(duplicate(`${path}[${at}].ports[${index}].hostPort`, place))
      taken.add(place)
    }
  }
  return errors
}

/** What holds for every container, of whatever sort. */
export function validateContainer(
  container: Container,
  volumes: Volume[] | undefined,
  path: string,
): FieldError[] {
  const { image = '', imagePullPolicy, terminationMessagePolicy } = container
  const errors: FieldError[] = []
  if (image === '') errors.push(required(`${path}.image`))
  else if (image !== image.trim()) {
    errors.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'))
  }
  errors.push(...validatePorts(container.ports, `${path}.ports`))
  errors.push(...validateEnv(container.env, `${path}.env`))
  errors.push(...validateEnvFrom(container.envFrom, `${path}.envFrom`))
  errors.push(...validateMounts(container, volumes, `${path}.volumeMounts`))
  errors.push(...validateDevices(container, volumes, `${path}.volumeDevices`))
  errors.push(...validateOneOf(imagePullPolicy, pullPolicies, `${path}.imagePullPolicy`))
  errors.push(...validateOneOf(terminationMessagePolicy, messagePolicies, `${path}.terminationMessagePolicy`))
  errors.push(...validateResources(container.resources, `${path}.resources`))
  errors.push(...validateSecurityContext(container.securityContext, `${path}.securityContext`))
  return errors
}

/** A required value of an enumeration. */
export function validateOneOf(value: string | undefined, all: string[], path: string): FieldError[] {
  if (!value) return [required(path)]
  return all.includes(value) ? [] : [notSupported(path, value, all)]
}

function validatePorts(ports: ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return (ports ?? []).flatMap((port, at) => {
    const where = `${path}[${at}]`
    const errors: FieldError[] = []
    if (port.name) {
      const wrong = invalidFor(`${where}.name`, port.name, checkPortName(port.name))
      errors.push(...wrong)
      if (wrong.length === 0 && names.has(port.name)) errors.push(duplicate(`${where}.name`, port.name))
      names.add(port.name)
    }
    if (!port.containerPort) errors.push(required(`${where}.containerPort`))
    else {
      errors.push(
        ...invalidFor(`${where}.containerPort`, port.containerPort, checkPortNumber(port.containerPort)),
      )
    }
    if (port.hostPort) {
      errors.push(...invalidFor(`${where}.hostPort`, port.hostPort, checkPortNumber(port.hostPort)))
    }
    return [...errors, ...validateOneOf(port.protocol, protocols, `${where}.protocol`)]
  })
}
