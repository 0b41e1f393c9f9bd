import type { ServicePort, ServiceSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, forbiddenField, invalidFor, required } from '../../../api/field-errors.ts'
import { checkDns1123Label, checkPortNumber, checkQualifiedName } from '../../validation/formats.ts'
import { validatePortNumberOrName } from '../pod/handler-validation.ts'
import { validateProtocol } from '../pod/port-validation.ts'

/** The ports of a Service, each by itself (upstream: validation.go validateServicePort). */
export function validateServicePorts(ports: ServicePort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return (ports ?? []).flatMap(({ name, port = 0, protocol, targetPort, appProtocol }, at, all) => {
    const where = `${path}[${at}]`
    const errors: FieldError[] = []
    if (name) {
      errors.push(...invalidFor(`${where}.name`, name, checkDns1123Label(name)))
      if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
      names.add(name)
    } else if (all.length > 1) errors.push(required(`${where}.name`))
    errors.push(...invalidFor(`${where}.port`, port, checkPortNumber(port)))
    errors.push(...validateProtocol(protocol, `${where}.protocol`))
    errors.push(...validatePortNumberOrName(targetPort, `${where}.targetPort`))
    if (appProtocol === undefined) return errors
    return [...errors, ...invalidFor(`${where}.appProtocol`, appProtocol, checkQualifiedName(appProtocol))]
  })
}

/** Ports that are not for the type, or that another one has already. */
export function validateRepeatedPorts({ ports = [], type }: ServiceSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [at, { nodePort }] of ports.entries()) {
    if (type !== 'ClusterIP' || !nodePort) continue
    errors.push(forbiddenField(`${path}[${at}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
  }
  const taken = new Set<string>()
  for (const [at, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue
    const place = `${protocol}/${nodePort}`
    if (taken.has(place)) errors.push(duplicate(`${path}[${at}].nodePort`, nodePort))
    taken.add(place)
  }
  const places = new Set<string>()
  for (const [at, { protocol, port }] of ports.entries()) {
    const place = `${protocol}/${port}`
    if (places.has(place)) errors.push(duplicate(`${path}[${at}]`, shownPort(protocol, port)))
    places.add(place)
  }
  return errors
}

/** The port as upstream's messages show it: a Go structure of which only these two members count. */
function shownPort(protocol: string | undefined, port: number): unknown {
  const unset = { AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
  return { Name: '', Protocol: protocol ?? '', ...unset }
}
