import { randomInt } from 'node:crypto'
import type { Service, ServicePort } from '../api/generated/core-v1.ts'
import type { Clock } from '../util/clock.ts'
import type { EndpointTarget } from '../util/endpoint-dialer.ts'
import type { ServiceIndex } from './service-index.ts'
import type { Candidate } from './service-rules/nearest.ts'
import { affinityOf, candidates, thatCount } from './service-rules/service-entries.ts'

export interface BalancerChoice {
  /** `namespace/name` of the Service. */
  key: string
  port: ServicePort
  /** Whoever asks, for session affinity: an address. */
  client: string
  /** Endpoints, as `address:port`, that were tried in vain; they are taken only where there is no other. */
  avoid?: ReadonlySet<string>
  /** Says of an endpoint, as `address:port`, that it is taken as long as it can be. */
  had?: (address: string) => boolean
}

/**
 * Chooses endpoints for connections that this process makes for callers on this machine, by the same rules as those inside pods:
 * the ready ones, or those that still serve while they terminate; one at random, or with ClientIP affinity the one the client had.
 */
export interface Balancer {
  /** Undefined: the Service is gone, has no such port, or no endpoint can take a connection. */
  choose(choice: BalancerChoice): EndpointTarget | undefined
}

/** Clients remembered before the forgotten ones are swept out. */
const sweepAt = 1024

/** See Balancer for what it guarantees. Affinity is forgotten with the process. */
export function createBalancer(options: { services: ServiceIndex; clock: Clock }): Balancer {
  const { services, clock } = options
  const remembered = new Map<string, { address: string; until: number }>()

  function sweep(): void {
    const now = clock.now()
    for (const [client, { until }] of remembered) if (until <= now) remembered.delete(client)
  }

  function keep(service: Service, client: string, all: readonly Candidate[]): Candidate | undefined {
    const known = remembered.get(client)
    if (!known || known.until <= clock.now() || affinityOf(service) === 0) return undefined
    return all.find((candidate) => addressOf(candidate) === known.address)
  }

  return {
    choose({ key, port, client, avoid, had }) {
      const service = services.service(key)
      if (!service || service.spec?.type === 'ExternalName') return undefined
      const all = thatCount(candidates(port, services.slices(key)))
      const untried = avoid ? all.filter((candidate) => !avoid.has(addressOf(candidate))) : all
      const pool = untried.length > 0 ? untried : all
      if (pool.length === 0) return undefined
      const affinityKey = `${key} ${port.port}/${port.protocol ?? 'TCP'} ${client}`
      const before = had && pool.find((candidate) => had(addressOf(candidate)))
      const chosen = before ?? keep(service, affinityKey, pool) ?? pool[randomInt(pool.length)]!
      const seconds = affinityOf(service)
      if (seconds > 0) {
        if (remembered.size >= sweepAt) sweep()
        remembered.set(affinityKey, { address: addressOf(chosen), until: clock.now() + seconds * 1000 })
      }
      return toTarget(chosen)
    },
  }
}

/** `address:port` of what was chosen, as `avoid` has it. */
export function targetAddress({ ip, port }: EndpointTarget): string {
  return `${ip}:${port}`
}

function addressOf({ endpoint, port }: Candidate): string {
  return `${endpoint.addresses[0]}:${port}`
}

function toTarget({ endpoint, port }: Candidate): EndpointTarget {
  const { addresses, targetRef, nodeName } = endpoint
  const { namespace = '', name = '', uid = '' } = targetRef ?? {}
  const isPod = targetRef?.kind === 'Pod' && nodeName !== undefined
  return {
    ip: addresses[0] ?? '',
    port,
    ...(isPod && { pod: { ref: { namespace, name, uid }, nodeName } }),
  }
}
