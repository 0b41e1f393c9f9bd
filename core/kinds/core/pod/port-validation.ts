import type { Container, ContainerPort } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidFor, notSupported, required } from '../../../api/field-errors.ts'
import { checkPortName, checkPortNumber } from '../../validation/formats.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

/** The ports that a container listens on (upstream: validation.go validateContainerPorts). */
export function validatePorts(ports: ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return (ports ?? []).flatMap(({ name, containerPort, hostPort, protocol }, at) => {
    const where = `${path}[${at}]`
    const errors: FieldError[] = []
    if (name) {
      const wrong = invalidFor(`${where}.name`, name, checkPortName(name))
      errors.push(...wrong)
      if (wrong.length === 0 && names.has(name)) errors.push(duplicate(`${where}.name`, name))
      names.add(name)
    }
    if (!containerPort) errors.push(required(`${where}.containerPort`))
    else errors.push(...invalidFor(`${where}.containerPort`, containerPort, checkPortNumber(containerPort)))
    if (hostPort) errors.push(...invalidFor(`${where}.hostPort`, hostPort, checkPortNumber(hostPort)))
    return [...errors, ...validateProtocol(protocol, `${where}.protocol`)]
  })
}

/** The transport of a port, of a container, a Service or Endpoints. */
export function validateProtocol(protocol: string | undefined, path: string): FieldError[] {
  if (!protocol) return [required(path)]
  return protocols.includes(protocol) ? [] : [notSupported(path, protocol, protocols)]
}

/** Ports of the node, of which each can be had by one container only (upstream: checkHostPortConflicts). */
export function validateHostPorts(containers: Container[], path: string): FieldError[] {
  const taken = new Set<string>()
  const errors: FieldError[] = []
  for (const [at, container] of containers.entries()) {
    for (const [index, { protocol, hostIP, hostPort }] of (container.ports ?? []).entries()) {
      if (!hostPort) continue
      const place = `${protocol}/${hostIP ?? ''}/${hostPort}`
      if (taken.has(place)) errors.push(duplicate(`${path}[${at}].ports[${index}].hostPort`, place))
      taken.add(place)
    }
  }
  return errors
}
