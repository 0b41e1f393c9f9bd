import type { Duplex, Readable } from 'node:stream'
import type { ContainerStatus as ApiContainerStatus, Pod } from '../../api/generated/core-v1.ts'
import { badRequest, failure, internalError, notFound } from '../../api/status.ts'
import { newestSandbox } from '../pods/pod-state.ts'
import type { RuntimeCache } from '../pods/runtime-cache.ts'
import type { StatusManager } from '../pod-status/status-manager.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ContainerStatus } from '../runtime/specs.ts'
import type { ExecSession, RuntimeLogOptions } from '../runtime/runtime-streams.ts'

/** Names the pod a stream is for. */
export interface StreamTarget {
  namespace: string
  name: string
  uid: string
}

interface LogRequest extends RuntimeLogOptions {
  container: string
  previous: boolean
}

/** The node's streaming endpoints; same shape as the API server's NodeBackend. Failures are StatusErrors in upstream's words. */
export interface KubeletBackend {
  logs(target: StreamTarget, options: LogRequest): Promise<Readable>
  exec(
    target: StreamTarget,
    options: { container: string; command: string[]; tty: boolean; stdin: boolean },
  ): Promise<ExecSession>
  attach(
    target: StreamTarget,
    options: { container: string; tty: boolean; stdin: boolean },
  ): Promise<ExecSession>
  portForward(target: StreamTarget, port: number): Promise<Duplex>
}

interface BackendOptions {
  runtime: Runtime
  cache: RuntimeCache
  statuses: StatusManager
  /** The pod as this node knows it, if it is the one that is meant. */
  findPod(target: StreamTarget): Pod | undefined
}

const pods = { group: '', resource: 'pods' }

/** Logs, exec, attach and port-forward of the pods on this node. */
export function createBackend(options: BackendOptions): KubeletBackend {
  const { runtime, cache, statuses } = options

  function podOf(target: StreamTarget): Pod {
    const pod = options.findPod(target)
    if (!pod) throw notFound(pods, target.name)
    return pod
  }

  function statusOf(pod: Pod, container: string): ApiContainerStatus | undefined {
    const status = statuses.current(pod)
    const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status
    const all = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses]
    return all.find(({ name }) => name === container)
  }

  /** The incarnation whose log is asked for (upstream: kubelet validateContainerLogStatus). */
  async function logContainer(pod: Pod, container: string, previous: boolean): Promise<string> {
    const described = `container "${container}" in pod "${pod.metadata.name}"`
    const { containers } = await cache.get(pod.metadata.uid ?? '')
    const incarnations = containers.filter(({ name }) => name === container)
    const started = incarnations.filter(({ state }) => state !== 'created')
    if (previous) {
      const [newest, older] = incarnations
      const before = newest?.state === 'exited' && isRestarting(pod, container) ? newest : older
      if (!before) throw badRequest(`previous terminated ${described} not found`)
      return before.id
    }
    if (started[0]) return started[0].id
    const waiting = statusOf(pod, container)?.state?.waiting
    if (!waiting) throw badRequest(`${described} is not available`)
    const { reason = 'ContainerCreating' } = waiting
    const isPull = reason === 'ErrImagePull' || reason === 'ImagePullBackOff'
    throw badRequest(
      `${described} is waiting to start: ${isPull ? 'trying and failing to pull image' : reason}`,
    )
  }

  function isRestarting(pod: Pod, container: string): boolean {
    return statusOf(pod, container)?.state?.waiting !== undefined
  }

  async function running(pod: Pod, container: string): Promise<ContainerStatus> {
    const { containers } = await cache.get(pod.metadata.uid ?? '')
    const found = containers.find(({ name, state }) => name === container && state === 'running')
    if (!found) throw failure(404, 'NotFound', `container not found ("${container}")`)
    return found
  }

  return {
    async logs(target, { container, previous, ...logOptions }) {
      const pod = podOf(target)
      const id = await logContainer(pod, container, previous)
      return translated(runtime.logs(id, logOptions))
    },
    async exec(target, { container, ...execOptions }) {
      const { id } = await running(podOf(target), container)
      return translated(runtime.exec(id, execOptions))
    },
    async attach(target, { container, ...attachOptions }) {
      const { id } = await running(podOf(target), container)
      return translated(runtime.attach(id, attachOptions))
    },
    async portForward(target, port) {
      const { uid = '' } = podOf(target).metadata
      const sandbox = newestSandbox(await cache.get(uid))
      if (sandbox?.state !== 'ready') {
        throw internalError(`error forwarding port ${port} to pod ${uid}: sandbox is not running`)
      }
      try {
        return await runtime.dial(sandbox.id, port)
      } catch (error) {
        throw internalError(
          `error forwarding port ${port} to pod ${sandbox.id}, uid : failed to connect to localhost:${port} inside namespace "${uid}": ${(error as Error).message}`,
        )
      }
    },
  }
}

/** The runtime's failures as the API's user sees them. */
async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof RuntimeError) throw internalError(error.message)
    throw error
  }
}
