import type { AddressScope } from './cluster-ip-observer.ts'

/** Is told of node ports that are given out, for metrics (upstream: portallocator's metricsRecorder). */
export interface NodePortObserver {
  allocated(scope: AddressScope): void
  /** A port was taken already, or none was left. */
  failed(scope: AddressScope): void
  /** Hands over what counts the ports, to be asked at any time. */
  counts(use: () => Promise<{ allocated: number; available: number }>): void
}
