import type { Service } from '../../api/generated/core-v1.ts'

/** A port of a load balancer. */
export interface BalancedPort {
  port: number
  protocol: string
  /** Why it is not open: for the status, a name such as `wheelhouse.io/PortInUse`, and in words. */
  error?: { name: string; message: string }
}

/** Opens the ports of Services of type LoadBalancer at an address that users reach. Both calls are idempotent. */
export interface LoadBalancerHost {
  /** Opens what the Service asks for now and closes what it asked for before. Ports that cannot be opened are told, not thrown. */
  ensure(service: Service): Promise<{ ip: string; ports: BalancedPort[] }>
  /** Closes everything of the Service `namespace/name`; resolves when the ports are free. */
  release(key: string): Promise<void>
}
