import type { Endpoint, EndpointHints } from '../../api/generated/discovery-v1.ts'

/**
 * For whom an endpoint is meant first, as the Service's `trafficDistribution` has it (upstream: endpointslice/trafficdist):
 * callers of its zone, or of its node and else of its zone. Those that are not ready are for nobody yet.
 */
export function trafficHints(
  wish: string | undefined,
  { conditions, nodeName, zone }: Endpoint,
): EndpointHints | undefined {
  if (conditions?.ready === false) return undefined
  const forZones = zone ? { forZones: [{ name: zone }] } : {}
  const forNodes = wish === 'PreferSameNode' && nodeName ? { forNodes: [{ name: nodeName }] } : {}
  const isNear = wish === 'PreferSameNode' || wish === 'PreferSameZone' || wish === 'PreferClose'
  const hints = { ...forNodes, ...forZones }
  return isNear && Object.keys(hints).length > 0 ? hints : undefined
}
