import type { Socket } from 'node:dgram'
import type { Duplex } from 'node:stream'

/** An address that a Service leads to. */
export interface EndpointTarget {
  ip: string
  port: number
  /** The pod behind it and its node, where that is known. */
  pod?: { ref: { namespace: string; name: string; uid: string }; nodeName: string }
}

/** How this process reaches the endpoints of Services. Implemented and wired by `core/cluster/`. */
export interface EndpointDialer {
  /** A TCP connection. Fails with an Error in Go's words: `dial tcp 10.244.1.5:8443: connect: connection refused`. */
  dialEndpoint(target: EndpointTarget): Promise<Duplex>
  /** A connected UDP socket. Fails where pods cannot be reached by datagrams: through a node's agent there is only TCP. */
  dialDatagrams(target: EndpointTarget): Promise<Socket>
}
