import type { ServicePort } from '../../api/generated/core-v1.ts'
import type { EndpointDialer } from '../../util/endpoint-dialer.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Balancer } from '../balancer.ts'

/** What a port of this machine needs to lead into the cluster. */
export interface LocalPortDependencies {
  balancer: Balancer
  dialer: EndpointDialer
  clock: Clock
  log: Logger
}

export interface LocalPortOptions extends LocalPortDependencies {
  host: string
  port: number
  /** `namespace/name` of the Service it leads to, and that one's port. */
  key: string
  servicePort: ServicePort
  /** Whether a caller may come in; absent: everybody. */
  accepts?: (address: string) => boolean
}

/** A port that is open; ends with all its connections. */
export interface LocalPort {
  /** Resolves when the port can be opened again by somebody else. */
  close(): Promise<void>
}

/** The protocols that ports of this machine can have: nothing carries SCTP. */
export function isCarried({ protocol = 'TCP' }: ServicePort): boolean {
  return protocol === 'TCP' || protocol === 'UDP'
}
