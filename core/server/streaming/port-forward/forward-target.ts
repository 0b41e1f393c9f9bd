import type { Duplex } from 'node:stream'
import type { PodRef } from '../backend.ts'

/** The pod that ports are forwarded to. */
export interface ForwardTarget {
  pod: PodRef
  /** A connection to the pod's loopback interface; rejects when nothing listens there. */
  dial(port: number): Promise<Duplex>
}

/** What the client reads on the error stream (upstream: kubelet's portforward server). */
export function forwardError(target: ForwardTarget, port: number, error: unknown): string {
  const { name, namespace, uid } = target.pod
  const why = error instanceof Error ? error.message : String(error)
  return `error forwarding port ${port} to pod ${name}_${namespace}, uid ${uid}: ${why}`
}

/** A port number in decimal, 1 to 65535; undefined for anything else. */
export function parsePort(text: string | undefined): number | undefined {
  if (!text || !/^\d{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port >= 1 && port <= 65_535 ? port : undefined
}
