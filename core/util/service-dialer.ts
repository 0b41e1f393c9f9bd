import type { Duplex } from 'node:stream'

/** A port of a Service: its number, its name, or `''` for the only one there is. */
export interface ServicePortRef {
  namespace: string
  name: string
  port: number | string
}

/**
 * How the API server process opens byte streams into the cluster: to webhooks and aggregated APIs behind Services and to
 * what the `proxy` subresources lead to. Implemented and wired by `core/cluster/`; every stream is plain TCP.
 */
export interface ServiceDialer {
  /**
   * To one ready endpoint of a Service. Fails with StatusErrors: 404 without the Service, 503 in upstream's words for a
   * port it does not have and while no endpoint is ready (apiserver/pkg/util/proxy). What cannot be connected to fails
   * with an Error in Go's words, such as `dial tcp 10.244.1.5:8443: connect: connection refused`.
   */
  dialService(service: ServicePortRef): Promise<Duplex>
  /** To a port of a pod. Fails with a StatusError: 404 without the pod, 400 while it has no address. */
  dialPod(pod: { namespace: string; name: string }, port: number): Promise<Duplex>
}
