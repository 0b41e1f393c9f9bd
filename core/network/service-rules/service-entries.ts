import type { Service } from '../../api/generated/core-v1.ts'
import type { Endpoint, EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { clusterIps } from '../service-index.ts'

/** One address, protocol and port of a Service, and where its connections go. */
export interface ServiceEntry {
  clusterIp: string
  protocol: 'tcp' | 'udp'
  port: number
  /** `address:port`, sorted, without duplicates. Empty: connections are refused. */
  endpoints: readonly string[]
  /** sessionAffinity ClientIP: a client keeps its endpoint as long as that exists. */
  clientAffinity: boolean
}

/**
 * The entries of a Service for pods on one node. Which endpoints count follows kube-proxy (pkg/proxy/topology.go): the ready
 * ones; if there is none, those that still serve while they terminate; with internalTrafficPolicy Local only
 * those on the same node. publishNotReadyAddresses is in the slices' conditions already.
 */
export function serviceEntries(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
): ServiceEntry[] {
  const { spec } = service
  return clusterIps(service).flatMap((clusterIp) =>
    (spec?.ports ?? []).flatMap((port): ServiceEntry[] => {
      const protocol = (port.protocol ?? 'TCP').toLowerCase()
      if (protocol !== 'tcp' && protocol !== 'udp') return []
      const candidates = slices.flatMap((slice) => {
        const target = slice.ports?.find(
          (candidate) =>
            (candidate.name ?? '') === (port.name ?? '') &&
            (candidate.protocol ?? 'TCP').toLowerCase() === protocol,
        )?.port
        return target === undefined
          ? []
          : (slice.endpoints ?? []).map((endpoint) => ({ endpoint, port: target }))
      })
      const local = spec?.internalTrafficPolicy === 'Local'
      const here = local ? candidates.filter(({ endpoint }) => endpoint.nodeName === nodeName) : candidates
      const ready = here.filter(({ endpoint }) => endpoint.conditions?.ready !== false)
      const usable =
        ready.length > 0 ? ready : here.filter(({ endpoint }) => servesWhileTerminating(endpoint))
      const endpoints = new Set(
        usable.flatMap((item) => item.endpoint.addresses.slice(0, 1).map((ip) => `${ip}:${item.port}`)),
      )
      return [
        {
          clusterIp,
          protocol,
          port: port.port,
          endpoints: [...endpoints].sort(),
          clientAffinity: spec?.sessionAffinity === 'ClientIP',
        },
      ]
    }),
  )
}

function servesWhileTerminating({ conditions }: Endpoint): boolean {
  return conditions?.terminating === true && conditions.serving !== false
}
