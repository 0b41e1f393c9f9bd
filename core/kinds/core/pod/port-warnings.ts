import type { Container, ContainerPort } from '../../../api/generated/core-v1.ts'

/** Ports of a pod's containers that are in each other's way, or say less than they seem to. */
export function warnOfPorts(containers: { container: Container; path: string }[]): string[] {
  const known = new Map<string, { port: ContainerPort; field: string }[]>()
  return containers.flatMap(({ container: { ports = [] }, path }) =>
    ports.flatMap((port, at) => {
      const field = `${path}.ports[${at}]`
      const place = `${port.containerPort}/${port.protocol}`
      const others = known.get(place) ?? []
      const warnings = others.flatMap((other) => {
        const relation = relationOf(port, other.port)
        return relation ? [`${field}: ${relation} port definition with ${other.field}`] : []
      })
      known.set(place, [...others, { port, field }])
      return port.hostIP && !port.hostPort
        ? [`${field}: hostIP set without hostPort: ${shownPort(port)}`, ...warnings]
        : warnings
    }),
  )
}

function relationOf(a: ContainerPort, b: ContainerPort): string | undefined {
  const [ipA = '', ipB = ''] = [a.hostIP, b.hostIP]
  const [portA = 0, portB = 0] = [a.hostPort, b.hostPort]
  if (ipA === ipB && portA === portB) return 'duplicate'
  if (portA === 0 || portB === 0) return 'overlapping'
  return portA === portB && (ipA === '') !== (ipB === '') ? 'dangerously ambiguous' : undefined
}

/** The port as Go prints a structure. */
function shownPort({
  name = '',
  hostPort = 0,
  containerPort,
  protocol = '',
  hostIP = '',
}: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
}
