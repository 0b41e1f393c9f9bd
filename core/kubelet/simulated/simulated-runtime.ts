import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { Runtime, RuntimeChange } from '../runtime/runtime.ts'
import type { ContainerStatus, SandboxStatus } from '../runtime/specs.ts'
import { readScript } from './script.ts'
import type { SimulatedScript } from './script.ts'
import { createSimulatedContainer } from './simulated-container.ts'
import type { SimulatedContainer } from './simulated-container.ts'
import { simulatedImages } from './simulated-images.ts'
import { createSimulatedMeter } from './simulated-usage.ts'
import { simulatedConnection, simulatedLogs, simulatedSession } from './simulated-streams.ts'

/** A runtime that can also be asked to have accidents. */
export interface SimulatedRuntime extends Runtime {
  /** Ends one container as a crash would. */
  crashContainer(id: string, exitCode: number): void
  /** Ends every container and sandbox, as a restart of the machine would. */
  crashAll(): void
  /** Makes the runtime unreachable, or reachable again. */
  setAvailable(available: boolean): void
}

interface SimulatedPod {
  sandboxes: Map<string, SandboxStatus>
  containers: Map<string, SimulatedContainer>
  script: SimulatedScript
}

interface SimulatedRuntimeOptions {
  clock: Clock
  cpus?: number
  memoryBytes?: number
}

/**
 * A runtime without containers: pods live by a script in their annotations (see script.ts). For scale, teaching, machines
 * without Docker and fast tests. Nothing survives the process.
 */
export function createSimulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  const { clock } = options
  const pods = new Map<string, SimulatedPod>()
  const podOfContainer = new Map<string, string>()
  const podOfSandbox = new Map<string, string>()
  const listeners = new Set<(change: RuntimeChange) => void>()
  const memoryBytes = options.memoryBytes ?? 32 * 2 ** 30
  const measure = createSimulatedMeter({ clock, memoryBytes })
  let available = true
  let lastPid = 1000

  function check(): void {
    if (!available) throw new RuntimeError('RuntimeUnavailable', 'the simulated runtime was switched off')
  }

  function emit(podUid: string, kind: RuntimeChange['kind'], action: RuntimeChange['action']): void {
    queueMicrotask(() => {
      for (const listener of listeners) listener({ podUid, kind, action })
    })
  }

  function containerOf(id: string): SimulatedContainer {
    const found = pods.get(podOfContainer.get(id) ?? '')?.containers.get(id)
    if (!found) throw new RuntimeError('ContainerNotFound', `No such container: ${id}`)
    return found
  }

  function selected(podUid: string | undefined): SimulatedPod[] {
    if (podUid === undefined) return [...pods.values()]
    const pod = pods.get(podUid)
    return pod ? [pod] : []
  }

  function endSandbox(id: string): void {
    const uid = podOfSandbox.get(id)
    const sandbox = pods.get(uid ?? '')?.sandboxes.get(id)
    if (uid === undefined || sandbox?.state !== 'ready') return
    pods.get(uid)?.sandboxes.set(id, { ...sandbox, state: 'notReady', pid: 0 })
    emit(uid, 'sandbox', 'die')
  }

  function connect(sandboxId: string, port: number): Duplex {
    check()
    const pod = pods.get(podOfSandbox.get(sandboxId) ?? '')?.sandboxes.get(sandboxId)?.pod
    return simulatedConnection(`simulated pod ${pod?.namespace}/${pod?.name}, port ${port}`)
  }

  const statuses = (pod: SimulatedPod): ContainerStatus[] =>
    [...pod.containers.values()].map((container) => container.status())

  return {
    async version() {
      check()
      return { name: 'simulated', version: '1.0.0' }
    },
    async ping() {
      check()
    },
    async machineInfo() {
      check()
      return {
        cpus: options.cpus ?? 8,
        memoryBytes,
        operatingSystem: 'linux',
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        kernelVersion: 'simulated',
        osImage: 'Simulated node without containers',
        machineId: 'simulated',
        security: { seccomp: true, appArmor: false, seLinux: false },
      }
    },

    async runSandbox(spec) {
      check()
      const { uid } = spec.pod
      let pod = pods.get(uid)
      if (!pod) {
        pod = { sandboxes: new Map(), containers: new Map(), script: readScript(spec.annotations) }
        pods.set(uid, pod)
      }
      const same = [...pod.sandboxes.values()].find(({ attempt }) => attempt === spec.attempt)
      if (same) return same
      const now = new Date(clock.now()).toISOString()
      const sandbox: SandboxStatus = {
        id: randomUUID(),
        pod: spec.pod,
        attempt: spec.attempt,
        state: 'ready',
        ...(spec.ip === undefined ? {} : { ip: spec.ip }),
        pid: ++lastPid,
        createdAt: now,
        startedAt: now,
        ...(spec.ownGroup ? { ownGroup: true } : {}),
      }
      pod.sandboxes.set(sandbox.id, sandbox)
      podOfSandbox.set(sandbox.id, uid)
      return sandbox
    },
    async stopSandbox(id) {
      check()
      endSandbox(id)
    },
    async removeSandbox(id) {
      check()
      endSandbox(id)
      const uid = podOfSandbox.get(id) ?? ''
      pods.get(uid)?.sandboxes.delete(id)
      podOfSandbox.delete(id)
    },
    async limitSandbox(id, resources) {
      check()
      const { sandboxes } = pods.get(podOfSandbox.get(id) ?? '') ?? {}
      const sandbox = sandboxes?.get(id)
      if (!sandbox?.ownGroup) {
        throw new RuntimeError('UpdatePodSandboxError', 'the pod has no control group of its own')
      }
      sandboxes!.set(id, { ...sandbox, resources })
    },
    async listSandboxes(podUid) {
      check()
      return selected(podUid).flatMap((pod) => [...pod.sandboxes.values()])
    },

    async createContainer(spec) {
      check()
      const pod = pods.get(spec.pod.uid)
      if (!pod?.sandboxes.has(spec.sandboxId)) {
        throw new RuntimeError('CreateContainerError', `No such sandbox: ${spec.sandboxId}`)
      }
      const same = statuses(pod).find(({ name, attempt }) => name === spec.name && attempt === spec.attempt)
      if (same) return same.id
      const id = randomUUID().replaceAll('-', '').padEnd(64, '0')
      const onChange = (action: 'start' | 'die'): void => emit(spec.pod.uid, 'container', action)
      const script = pod.script.of(spec)
      pod.containers.set(id, createSimulatedContainer({ id, spec, script, clock, onChange }))
      podOfContainer.set(id, spec.pod.uid)
      return id
    },
    async startContainer(id) {
      check()
      await containerOf(id).start()
    },
    async stopContainer(id, graceSeconds) {
      check()
      await containerOf(id).stop(graceSeconds)
    },
    async removeContainer(id) {
      check()
      const pod = pods.get(podOfContainer.get(id) ?? '')
      pod?.containers.get(id)?.kill(137)
      pod?.containers.delete(id)
      podOfContainer.delete(id)
    },
    async updateContainer(id, resources) {
      check()
      containerOf(id).update(resources)
    },
    async listContainers(podUid) {
      check()
      return selected(podUid).flatMap(statuses)
    },
    async containerStatus(id) {
      check()
      return pods
        .get(podOfContainer.get(id) ?? '')
        ?.containers.get(id)
        ?.status()
    },

    async writeVolume() {
      check()
    },

    async readVolumeFile() {
      check()
      // Nobody wrote any.
      return undefined
    },
    async volumeUsage() {
      check()
      return new Map()
    },
    async usage({ containers }) {
      check()
      return measure(
        containers.flatMap((id) => {
          const pod = pods.get(podOfContainer.get(id) ?? '')
          const status = pod?.containers.get(id)?.status()
          if (!pod || status?.state !== 'running') return []
          const said = (resource: 'cpu' | 'memory'): string | undefined =>
            pod.script.usage(resource, status.name)
          return [{ id, cpu: said('cpu'), memory: said('memory'), startedAt: status.startedAt ?? '' }]
        }),
      )
    },
    async logBytes() {
      check()
      return new Map()
    },
    async writtenBytes() {
      check()
      return new Map()
    },
    async listVolumeOwners() {
      return [...pods.keys()]
    },
    async removeVolumes(podUid) {
      pods.delete(podUid)
    },

    ...simulatedImages(check),

    async logs(id, logOptions) {
      check()
      return simulatedLogs(containerOf(id), logOptions, clock)
    },
    async exec(id, { command }) {
      const { name } = containerOf(id).spec
      return simulatedSession(`simulated container ${name}: nothing was executed (${command.join(' ')})`)
    },
    async attach(id) {
      return simulatedSession(
        `simulated container ${containerOf(id).spec.name}: there is no process to attach to`,
      )
    },
    async dial(sandboxId, port) {
      return connect(sandboxId, port)
    },
    async dialPod(sandbox, port) {
      return connect(sandbox.id, port)
    },

    onChange(listener) {
      listeners.add(listener)
      return { dispose: () => void listeners.delete(listener) }
    },
    async close() {
      listeners.clear()
    },

    crashContainer: (id, exitCode) => containerOf(id).kill(exitCode),
    crashAll() {
      for (const pod of pods.values()) {
        for (const container of pod.containers.values()) container.kill(255)
        for (const id of pod.sandboxes.keys()) endSandbox(id)
      }
    },
    setAvailable(next) {
      available = next
      if (next) for (const listener of listeners) listener({ podUid: '', kind: 'sandbox', action: 'resync' })
    },
  }
}
