/** Whether a Service asked for a certain address, or for any. */
export type AddressScope = 'static' | 'dynamic'

/** How many addresses of a network are taken, and how many are left. */
export interface NetworkUse {
  cidr: string
  allocated: number
  available: number
}

/** Is told of cluster IPs that are given out, for metrics (upstream: ipallocator's metricsRecorder). */
export interface ClusterIpObserver {
  allocated(cidr: string, scope: AddressScope, ms: number): void
  /** An address was taken already, or none was left. */
  failed(cidr: string, scope: AddressScope): void
  /** Hands over what counts the addresses of every network, to be asked at any time. */
  counts(use: () => Promise<NetworkUse[]>): void
}
