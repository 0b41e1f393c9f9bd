import type { Endpoint } from '../../api/generated/discovery-v1.ts'

/** An endpoint of a Service and the number that the Service's port has there. */
export interface Candidate {
  endpoint: Endpoint
  port: number
}

/** Where a caller is. */
export interface Place {
  /** The node. */
  name: string
  /** The node's zone, where it has one. */
  zone?: string | undefined
}

/**
 * Of ready endpoints those that are meant for callers at this place: of the node, else of the zone, when every endpoint says whom
 * it is meant for and one of them means them; else all (upstream: kube-proxy topology.go, topologyModeFromHints).
 */
export function nearest(ready: readonly Candidate[], { name, zone }: Place): readonly Candidate[] {
  const forNodes = ({ endpoint }: Candidate): string[] => (endpoint.hints?.forNodes ?? []).map(nameOf)
  const forZones = ({ endpoint }: Candidate): string[] => (endpoint.hints?.forZones ?? []).map(nameOf)
  for (const [meantFor, here] of [[forNodes, name] as const, [forZones, zone] as const]) {
    if (here === undefined || !ready.every((candidate) => meantFor(candidate).length > 0)) continue
    const mine = ready.filter((candidate) => meantFor(candidate).includes(here))
    if (mine.length > 0) return mine
  }
  return ready
}

const nameOf = ({ name }: { name: string }): string => name
