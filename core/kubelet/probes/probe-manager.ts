import type { Container, Pod, Probe } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { PodEvents } from '../pods/pod-events.ts'
import { newestSandbox } from '../pods/pod-state.ts'
import type { PodState } from '../pods/pod-state.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ContainerStatus } from '../runtime/specs.ts'
import { createProbeMetrics, type ProbeOutcome } from './probe-metrics.ts'
import { startProbe } from './probe-worker.ts'
import type { ProbeKind, ProbeWorker } from './probe-worker.ts'
import { runProbe } from './run-probe.ts'
import { isSidecar } from '../../api/sidecars.ts'

/** Why a container is to be killed, for the Killing event, and the grace period its probe sets. */
export interface Doom {
  message: string
  graceSeconds?: number
}

/** Probes of running containers and what they found, by runtime container id. */
export interface ProbeManager {
  /** Starts the probes of containers that began to run, ends those of others. */
  update(pod: Pod, state: PodState): void
  /** Whether the readiness probe passes; undefined without one. */
  isReady(containerId: string): boolean | undefined
  /** Whether the startup probe passed; undefined without one. */
  isStarted(containerId: string): boolean | undefined
  /** Containers to be killed because a liveness or startup probe failed. */
  failed(podUid: string): Map<string, Doom>
  /** Ends the liveness and startup probes of a pod that has to end; readiness goes on to be told. */
  stopKillers(podUid: string): void
  forget(podUid: string): void
  /** What probes found so far, in Prometheus' text format. */
  metrics(): string
}

const kinds: ProbeKind[] = ['startup', 'readiness', 'liveness']
const titles: Record<ProbeKind, string> = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' }

interface ProbedContainer {
  podUid: string
  workers: Partial<Record<ProbeKind, ProbeWorker>>
  doomed: Doom | undefined
}

interface ProbeManagerOptions {
  runtime: Runtime
  events: PodEvents
  clock: Clock
  /** Called when a probe changed its mind. */
  onChange: (podUid: string) => void
}

function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  return container[`${kind}Probe`]
}

/** Runs the probes of all pods of a node. */
export function createProbeManager(options: ProbeManagerOptions): ProbeManager {
  const { runtime, events, clock, onChange } = options
  const probed = new Map<string, ProbedContainer>()
  const metrics = createProbeMetrics()

  function start(pod: Pod, container: Container, running: { status: ContainerStatus; podIp: string }): void {
    const { status, podIp } = running
    const podUid = pod.metadata.uid ?? ''
    const entry: ProbedContainer = { podUid, workers: {}, doomed: undefined }
    probed.set(status.id, entry)
    const target = {
      container,
      containerId: status.id,
      sandboxId: status.sandboxId,
      podIp,
    }
    const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
    const statuses = [...initContainerStatuses, ...containerStatuses]
    const reported = statuses.find(({ name }) => name === container.name)
    const isKnown = reported?.containerID?.endsWith(`//${status.id}`) === true
    const passed = { readiness: reported?.ready, startup: reported?.started, liveness: undefined }
    for (const kind of kinds) {
      const probe = probeOf(container, kind)
      if (!probe) continue
      const warn = (reason: string, what: string): void =>
        events.container(pod, container.name, {
          type: 'Warning',
          reason,
          message: `${titles[kind]} probe ${what}`,
        })
      const adopted = isKnown && passed[kind] === true
      entry.workers[kind] = startProbe({
        probe,
        clock,
        startedAt: Date.parse(status.startedAt ?? status.createdAt),
        ...(adopted ? { initial: true } : {}),
        isEnabled: () => isEnabled(entry, kind),
        async run(timeoutMs) {
          const beganAt = clock.now()
          const note = (outcome: ProbeOutcome): void =>
            metrics.note({ pod, container: container.name, kind }, outcome, (clock.now() - beganAt) / 1000)
          try {
            const result = await runProbe({ runtime, clock }, { probe, target }, timeoutMs)
            note(result.ok ? 'successful' : 'failed')
            return result
          } catch (error) {
            note('unknown')
            throw error
          }
        },
        onFailure: (output) => warn('Unhealthy', `failed: ${output}`),
        onWarning: (text) => warn('ProbeWarning', `warning: ${text}`),
        onError: ({ message }) => warn('Unhealthy', `errored and resulted in unknown state: ${message}`),
        onVerdict(ok) {
          if (!ok && kind !== 'readiness') {
            const graceSeconds = probe.terminationGracePeriodSeconds
            entry.doomed = {
              message: `Container ${container.name} failed ${kind} probe, will be restarted`,
              ...(graceSeconds === undefined ? {} : { graceSeconds }),
            }
            stopKillersOf(entry)
          }
          // Readiness need not wait for its next period once the container has started.
          if (ok && kind === 'startup') entry.workers.readiness?.runSoon()
          onChange(podUid)
        },
      })
    }
  }

  /** The startup probe runs until it passed once; the others only after it. */
  function isEnabled(entry: ProbedContainer, kind: ProbeKind): boolean {
    const { startup } = entry.workers
    if (kind === 'startup') return startup?.verdict() !== true
    return !startup || startup.verdict() === true
  }

  function stopKillersOf(entry: ProbedContainer): void {
    entry.workers.liveness?.[Symbol.dispose]()
    entry.workers.startup?.[Symbol.dispose]()
  }

  function stop(id: string): void {
    const entry = probed.get(id)
    for (const worker of Object.values(entry?.workers ?? {})) worker[Symbol.dispose]()
    probed.delete(id)
  }

  return {
    update(pod, state) {
      const running = state.containers.filter((status) => status.state === 'running')
      // Pods on the host's network have no address of their own.
      const podIp = newestSandbox(state)?.ip ?? '127.0.0.1'
      const ids = new Set(running.map(({ id }) => id))
      for (const [id, { podUid }] of probed) {
        if (podUid === pod.metadata.uid && !ids.has(id)) stop(id)
      }
      const specs = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers]
      for (const status of running) {
        const container = specs.find(({ name }) => name === status.name)
        if (!container || probed.has(status.id)) continue
        if (kinds.some((kind) => probeOf(container, kind))) start(pod, container, { status, podIp })
      }
    },
    isReady(id) {
      const worker = probed.get(id)?.workers.readiness
      return worker && worker.verdict() === true
    },
    isStarted(id) {
      const worker = probed.get(id)?.workers.startup
      return worker && worker.verdict() === true
    },
    failed(podUid) {
      const found = new Map<string, Doom>()
      for (const [id, entry] of probed) {
        if (entry.podUid === podUid && entry.doomed !== undefined) found.set(id, entry.doomed)
      }
      return found
    },
    stopKillers(podUid) {
      for (const entry of probed.values()) if (entry.podUid === podUid) stopKillersOf(entry)
    },
    forget(podUid) {
      for (const [id, entry] of probed) if (entry.podUid === podUid) stop(id)
      metrics.forget(podUid)
    },
    metrics: () => metrics.text(),
  }
}
