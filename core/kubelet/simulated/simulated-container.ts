import type { Clock } from '../../util/clock.ts'
import type { ContainerResources, ContainerSpec, ContainerStatus } from '../runtime/specs.ts'
import type { ContainerScript } from './script.ts'

/** One line of a simulated log. */
export interface LogLine {
  at: number
  text: string
}

/** A container that only exists in memory and lives by its script. */
export interface SimulatedContainer {
  readonly spec: ContainerSpec
  status(): ContainerStatus
  lines(): readonly LogLine[]
  start(): Promise<void>
  /** What is left out stays as it is. */
  update(resources: ContainerResources): void
  /** Ends it within the grace period, as a process that handles SIGTERM. */
  stop(graceSeconds: number): Promise<void>
  /** Ends it at once, as `kill -9` or a crash of the machine. */
  kill(exitCode: number): void
  /** Resolves when it ended. */
  readonly ended: Promise<void>
}

/** Exit code of a process ended by SIGTERM. */
const terminatedCode = 143
const killedCode = 137

/** Whom images run as, so that pods which must not run as root can be simulated too. */
export const imageUser = '65532:65532'

/** There is no image that would give names numbers. */
function userOf({ user = imageUser, supplementalGroups = [] }: ContainerSpec): Pick<ContainerStatus, 'user'> {
  const [uid = 0, gid = 0] = user.split(':').map(Number)
  if (Number.isNaN(uid) || Number.isNaN(gid)) return {}
  return { user: { uid, gid, supplementalGroups: [...new Set([gid, ...supplementalGroups])] } }
}

interface SimulatedContainerOptions {
  id: string
  spec: ContainerSpec
  script: ContainerScript
  clock: Clock
  onChange: (action: 'start' | 'die') => void
}

/** A container in state created. */
export function createSimulatedContainer(options: SimulatedContainerOptions): SimulatedContainer {
  const { id, spec, script, clock, onChange } = options
  const log: LogLine[] = []
  const ended = Promise.withResolvers<void>()
  let timer: Disposable | undefined
  const iso = (): string => new Date(clock.now()).toISOString()
  let status: ContainerStatus = {
    id,
    pod: spec.pod,
    sandboxId: spec.sandboxId,
    name: spec.name,
    attempt: spec.attempt,
    state: 'created',
    image: spec.image,
    imageId: `sha256:${Buffer.from(spec.image).toString('hex').slice(0, 64).padEnd(64, '0')}`,
    createdAt: iso(),
    resources: {
      ...(spec.cpuShares === undefined ? {} : { cpuShares: spec.cpuShares }),
      ...(spec.cpuQuota ? { cpuQuota: spec.cpuQuota } : {}),
      ...(spec.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: spec.memoryLimitBytes }),
    },
    specHash: spec.specHash,
    ...userOf(spec),
  }

  function write(text: string): void {
    log.push({ at: clock.now(), text })
  }

  function end(exitCode: number): void {
    if (status.state !== 'running') return
    timer?.[Symbol.dispose]()
    write(`container ${spec.name} ended with exit code ${exitCode}`)
    status = {
      ...status,
      state: 'exited',
      exitCode,
      finishedAt: iso(),
      reason: exitCode === 0 ? 'Completed' : 'Error',
    }
    ended.resolve()
    onChange('die')
  }

  function wait(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return Promise.resolve()
    return new Promise((resolve) => clock.after(milliseconds, resolve))
  }

  return {
    spec,
    ended: ended.promise,
    status: () => status,
    lines: () => log,
    async start() {
      if (status.state !== 'created') return
      await wait(script.startDelayMs)
      status = { ...status, state: 'running', startedAt: iso() }
      write(`container ${spec.name} of pod ${spec.pod.namespace}/${spec.pod.name} started (simulated)`)
      write(`image ${spec.image}, attempt ${spec.attempt}; no process runs`)
      onChange('start')
      if (script.runForMs !== undefined) timer = clock.after(script.runForMs, () => end(script.exitCode))
    },
    update(resources) {
      status = { ...status, resources: { ...status.resources, ...resources } }
    },
    async stop(graceSeconds) {
      if (status.state !== 'running') return
      const graceMs = graceSeconds * 1000
      await wait(Math.min(script.stopDelayMs, graceMs))
      end(script.stopDelayMs > graceMs ? killedCode : terminatedCode)
    },
    kill: end,
  }
}
