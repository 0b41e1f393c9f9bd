import type { Ingress } from '../../api/generated/networking-v1.ts'

/** Serves Ingresses at an address that users reach. Both calls are idempotent. */
export interface IngressHost {
  /** Serves the Ingress as it is now; gives where. Rejects where nothing can be listened on. */
  serve(ingress: Ingress): Promise<{ ip: string; ports: Array<{ port: number; protocol: string }> }>
  /** Lets the Ingress `namespace/name` go. */
  release(key: string): Promise<void>
}
