import type { Duplex, Readable, Writable } from 'node:stream'

/** A running command or attachment, as the node gives it. */
export interface StreamSession {
  stdin: Writable
  stdout: Readable
  stderr: Readable
  resize(size: { width: number; height: number }): void
  readonly exit: Promise<number | undefined>
  close(): void
}

export interface PodRef {
  namespace: string
  name: string
  uid: string
}

/**
 * What the API server needs of the node that runs a pod (upstream: the kubelet's streaming server). Implemented by
 * `core/kubelet/`, wired by `core/cluster/`. Failures are StatusErrors with upstream's messages, e.g. 400
 * `container "x" in pod "y" is waiting to start: ContainerCreating`, or 404 for what does not run.
 */
export interface NodeBackend {
  logs(pod: PodRef, options: LogOptions): Promise<Readable>
  exec(
    pod: PodRef,
    options: { container: string; command: string[]; tty: boolean; stdin: boolean },
  ): Promise<StreamSession>
  attach(pod: PodRef, options: { container: string; tty: boolean; stdin: boolean }): Promise<StreamSession>
  portForward(pod: PodRef, port: number): Promise<Duplex>
}

export interface LogOptions {
  container: string
  follow: boolean
  previous: boolean
  timestamps: boolean
  tailLines?: number
  sinceSeconds?: number
  sinceTime?: string
  limitBytes?: number
  signal: AbortSignal
}

/** Finds the backend of a node by name; undefined when the node is not one of ours. */
export type NodeBackends = (nodeName: string) => NodeBackend | undefined
