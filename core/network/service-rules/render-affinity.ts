import type { Backends } from './pod-rules.ts'

/**
 * Client affinity in a pod's rules. A pod is the only client in its own network namespace, so what kube-proxy's nftables mode
 * keeps in one set of clients per endpoint is here one map from the Service to the pod's endpoint. Its elements are made by the
 * packets themselves: each new connection writes its own anew, and the kernel forgets it when its time has run out.
 */

/** `ipv4 . protocol . port` of a Service, as everything in the rules is found by. */
const service = 'ip daddr . meta l4proto . th dport'

/** The maps that affinity needs, in the braces of the table. */
export const affinityMaps = [
  '  map affinity {',
  '    type ipv4_addr . inet_proto . inet_service : mark',
  '    flags dynamic,timeout',
  '  }',
  '  map draws {',
  '    type ipv4_addr . inet_proto . inet_service . mark : mark',
  '  }',
  '  map remembered {',
  '    type ipv4_addr . inet_proto . inet_service . mark : verdict',
  '  }',
]

/** The chain that a Service with these backends leads to. */
export function stickyChain({ endpoints, affinitySeconds }: Backends): string {
  return `sticky-${endpoints.length}-${affinitySeconds}`
}

/**
 * That chain, and the one that keeps what was chosen for `affinitySeconds` more. An endpoint that is remembered but gone is not
 * in the map `remembered` any more, so another is drawn.
 */
export function renderSticky(table: string, { endpoints, affinitySeconds }: Backends): string[] {
  const sticky = `${table} ${stickyChain({ endpoints, affinitySeconds })}`
  const keep = `${table} keep-${affinitySeconds}`
  return [
    `add chain ${keep}`,
    `flush chain ${keep}`,
    `add rule ${keep} update @affinity { ${service} timeout ${affinitySeconds}s : meta mark }`,
    `add rule ${keep} meta l4proto { tcp, udp } dnat to ${service} . meta mark map @endpoints`,
    `add chain ${sticky}`,
    `flush chain ${sticky}`,
    `add rule ${sticky} meta mark set 0`,
    `add rule ${sticky} meta mark set ${service} map @affinity`,
    `add rule ${sticky} ${service} . meta mark vmap @remembered`,
    // `update` alone would give the old value more time.
    `add rule ${sticky} delete @affinity { ${service} : meta mark }`,
    `add rule ${sticky} meta mark set numgen random mod ${endpoints.length}`,
    `add rule ${sticky} meta mark set ${service} . meta mark map @draws`,
    `add rule ${sticky} goto keep-${affinitySeconds}`,
  ]
}

/** The elements of the map `draws` for the Service `element`: which number drawn means which endpoint. */
export function drawsOf(element: string, backends: Backends): string[] {
  return endpointMarks(backends).map((mark, slot) => `${element} . ${slot} : ${mark}`)
}

/** The elements of the map `remembered`: the endpoints that a pod may keep. */
export function rememberedOf(element: string, backends: Backends): string[] {
  return endpointMarks(backends).map((mark) => `${element} . ${mark} : goto keep-${backends.affinitySeconds}`)
}

/**
 * The number that each endpoint is known by in the rules: without affinity its place in the list; with affinity a number of its
 * own, never 0, which stays the same when others come and go.
 */
export function endpointMarks({ endpoints, affinitySeconds }: Backends): number[] {
  if (affinitySeconds === 0) return endpoints.map((_, slot) => slot)
  const taken = new Set<number>([0])
  return endpoints.map((endpoint) => {
    let mark = fnv1a(endpoint)
    while (taken.has(mark)) mark = (mark + 1) >>> 0
    taken.add(mark)
    return mark
  })
}

/** The 32-bit hash of Fowler, Noll and Vo. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
