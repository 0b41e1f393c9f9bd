import type { Container } from '../../api/generated/core-v1.ts'
import { confinementOf } from '../container/confinement.ts'
import { buildContainerSpec } from '../container/container-spec.ts'
import { buildEnvironment } from '../container/environment.ts'
import type { WaitingReason } from '../pod-status/container-statuses.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { SandboxStatus } from '../runtime/specs.ts'
import { restartDelay } from './back-off.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { killContainer } from './kill-container.ts'
import { noteImageWait } from './note-image-wait.ts'
import type { ContainerStart } from './pod-actions.ts'
import type { PodRecord } from './pod-record.ts'
import { runtimeHandlerOf } from './runtime-handler.ts'
import { newestContainer } from './pod-state.ts'
import type { SyncResult } from './pod-workers.ts'

const configRetryMs = 2_000

/**
 * Starts one container of a pod whose sandbox is up, or notes in the record why it cannot start now. Order as upstream:
 * back-off, image, configuration, create, start.
 */
export async function startContainer(
  parts: KubeletParts,
  target: { record: PodRecord; sandbox: SandboxStatus },
  start: ContainerStart,
): Promise<SyncResult> {
  const { record } = target
  const { container, previous } = start
  const delay = previous && restartDelay(parts, record, { container, previous })
  if (delay && delay.remainingMs > 0) return { requeueAfterMs: delay.lookAgainMs }
  const verdict = await parts.images.ensure(record.pod, container)
  if (!('image' in verdict)) {
    return noteImageWait(record, { container, hasRun: previous !== undefined }, verdict)
  }
  delay?.passed()
  parts.metrics?.containerStarts(record.pod, container.name)
  const problem = await createAndStart(parts, target, { start, image: verdict.image })
  if (!problem) {
    record.waiting.delete(container.name)
    return {}
  }
  parts.metrics?.containerFailedToStart(record.pod, container.name, problem.reason)
  record.waiting.set(container.name, problem)
  return { requeueAfterMs: configRetryMs }
}

async function createAndStart(
  parts: KubeletParts,
  target: { record: PodRecord; sandbox: SandboxStatus },
  what: { start: ContainerStart; image: ImageStatus },
): Promise<WaitingReason | undefined> {
  const { runtime, events, network, cache } = parts
  const { record, sandbox } = target
  const { pod } = record
  const { container, attempt } = what.start
  const node = parts.node()
  let stage = 'CreateContainerConfigError'
  const podIps = sandbox.ip === undefined ? node.ips : [sandbox.ip]
  try {
    const environment = await buildEnvironment(container, {
      view: { pod, podIps, hostIps: node.ips },
      allocatable: node.allocatable,
      config: parts.api,
      readFile: (volume, path) => runtime.readVolumeFile(sandbox.id, volume, path),
      serviceEnvironment: network.serviceEnvironment(pod),
    })
    const confinement = await confinementOf(pod, container, parts.node())
    const targetId = await targetOf(parts, record, what.start.target)
    const runtimeHandler = await runtimeHandlerOf(parts, pod)
    const spec = buildContainerSpec({
      pod,
      container,
      sandboxId: sandbox.id,
      attempt,
      image: what.image,
      environment,
      confinement,
      ...(targetId === undefined ? {} : { targetId }),
      ...(runtimeHandler === undefined ? {} : { runtimeHandler }),
    })
    stage = 'CreateContainerError'
    const id = await runtime.createContainer(spec)
    events.container(pod, container.name, {
      type: 'Normal',
      reason: 'Created',
      message: 'Container created',
    })
    stage = 'RunContainerError'
    await runtime.startContainer(id)
    events.container(pod, container.name, {
      type: 'Normal',
      reason: 'Started',
      message: 'Container started',
    })
    return await runPostStart(parts, target, { container, id, podIp: podIps[0] ?? '' })
  } catch (error) {
    const { message } = error as Error
    const reason = error instanceof RuntimeError ? error.reason : stage
    events.container(pod, container.name, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
    return { reason, message }
  } finally {
    cache.invalidate(record.uid)
  }
}

/** The running container whose processes an ephemeral one is to see. */
async function targetOf(
  parts: KubeletParts,
  record: PodRecord,
  name: string | undefined,
): Promise<string | undefined> {
  if (name === undefined) return undefined
  const target = newestContainer(await parts.cache.get(record.uid), name)
  if (target?.state === 'running') return target.id
  throw new Error(`unable to find target container ${name}`)
}

/** The next container starts only after the hook; one whose hook fails is ended (upstream: kuberuntime startContainer). */
async function runPostStart(
  parts: KubeletParts,
  target: { record: PodRecord; sandbox: SandboxStatus },
  started: { container: Container; id: string; podIp: string },
): Promise<WaitingReason | undefined> {
  const { record, sandbox } = target
  const { pod, ending } = record
  const { container, id, podIp } = started
  const hook = container.lifecycle?.postStart
  if (!hook) return undefined
  try {
    const hookTarget = { pod, container, containerId: id, sandboxId: sandbox.id, podIp }
    await parts.hooks.run(hook, hookTarget, ending.signal)
    return undefined
  } catch (error) {
    if (ending.signal.aborted) return undefined
    // The output stays out of the event: it may hold secrets.
    const message = 'PostStartHook failed'
    parts.events.container(pod, container.name, { type: 'Warning', reason: 'FailedPostStartHook', message })
    const status = await parts.runtime.containerStatus(id)
    if (status?.state === 'running') {
      killContainer(parts, record, { status, message: 'FailedPostStartHook', podIp })
      await Promise.race([parts.killer.whenEnded(id), aborted(ending.signal)])
    }
    return { reason: 'PostStartHookError', message: (error as Error).message }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
