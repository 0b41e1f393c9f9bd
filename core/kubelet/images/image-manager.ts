import type { Container, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Backoff } from '../backoff.ts'
import type { ConfigSource } from '../container/config-source.ts'
import type { PodEvents } from '../pods/pod-events.ts'
import type { WaitingReason } from '../pod-status/container-statuses.ts'
import { formatGoMilliseconds } from '../../util/go-duration.ts'
import { createLimiter } from '../limiter.ts'
import type { PullProgress } from '../runtime/image-pull.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { credentialHash, mayUse } from './image-access.ts'
import type { PulledByNode } from './image-access.ts'
import { imageReferenceProblem, isImageReference } from './image-reference.ts'
import { describePull } from './describe-pull.ts'
import type { PulledImages } from './pulled-images.ts'
import { pullCredentials } from './pull-secrets.ts'

/** Why a container has to wait for its image: a reason of its own, or a pull that goes on, with how far it is. */
export interface ImageWait {
  waiting: WaitingReason | undefined
  /** In words; absent in the first moments of a pull, so that a short one is not told of twice. */
  progress?: string
  requeueAfterMs?: number
}

type ImageVerdict = { image: ImageStatus } | ImageWait

/** Makes images available to containers under their imagePullPolicy (upstream: kubelet/images/image_manager.go). */
export interface ImageManager {
  /** Never waits for a pull: starts it, answers an ImageWait, and has the pod looked at again when it ends. */
  ensure(pod: Pod, container: Container): Promise<ImageVerdict>
  /** Ends the pulls of a pod that has to go, and forgets what is known of it. */
  forget(podUid: string): void
}

interface Pull {
  abort: AbortController
  /** The image, when it was not on the machine before. */
  brings: string | undefined
  askedAt: number
  /** Undefined until the pull has a place among those that go on at once. */
  progress: PullProgress | undefined
  outcome: 'running' | 'done' | 'failed'
  message: string
  finishedAt: number
  backoffTold: boolean
}

/** So many pulls at once; further ones wait (upstream: serializeImagePulls false, maxParallelImagePulls). */
const parallelPulls = 5
/** How long ErrImagePull shows before it becomes ImagePullBackOff. */
const backoffNoticeMs = 2_000
/** How often a pod's status tells how far a pull is. */
const progressPeriodMs = 3_000
const noProgress: PullProgress = { layers: 0, layersDone: 0, downloadedBytes: 0, totalBytes: 0 }

const goingOn: ImageWait = { waiting: undefined, requeueAfterMs: progressPeriodMs }

interface ImageManagerOptions {
  runtime: Runtime
  config: ConfigSource
  backoff: Backoff
  clock: Clock
  events: PodEvents
  /** Told of what was pulled that was not there before, and of what is used. */
  pulled: Pick<PulledImages, 'add' | 'repeat' | 'use'>
  /** What this node and those it shares the engine with have pulled. */
  pulledByNode: PulledByNode
  /** Told of every image that a container is about to be started from. */
  onImage: (image: ImageStatus) => void
  /** Called when a pull ended. */
  onDone: (podUid: string) => void
}

/** An image manager with no pulls under way. */
export function createImageManager(options: ImageManagerOptions): ImageManager {
  const { runtime, config, backoff, clock, events, pulled, pulledByNode, onImage, onDone } = options
  const pulls = new Map<string, Pull>()
  const pullLimiter = createLimiter(parallelPulls)

  function tellMissing(pod: Pod, names: string[]): void {
    const secrets = names.map((name) => `${pod.metadata.namespace}/${name}`).join(', ')
    const message = `Unable to retrieve some image pull secrets (${secrets}); attempting to pull the image may not succeed.`
    events.pod(pod, { type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message })
  }

  function startPull(pod: Pod, container: Container, what: { key: string; wasThere: boolean }): void {
    const image = container.image ?? ''
    const { key } = what
    const startedAt = clock.now()
    const pull: Pull = {
      abort: new AbortController(),
      brings: what.wasThere ? undefined : image,
      askedAt: startedAt,
      progress: undefined,
      outcome: 'running',
      message: '',
      finishedAt: 0,
      backoffTold: false,
    }
    pulls.set(key, pull)
    events.container(pod, container.name, {
      type: 'Normal',
      reason: 'Pulling',
      message: `Pulling image "${image}"`,
    })
    const run = async (): Promise<void> => {
      try {
        const { auth, missing } = await pullCredentials(pod, image, config)
        if (missing.length > 0) tellMissing(pod, missing)
        let pullingAt = startedAt
        const { image: came, auth: taken } = await pullLimiter.run(() => {
          pullingAt = clock.now()
          pull.abort.signal.throwIfAborted()
          pull.progress = noProgress
          return runtime.pullImage(image, auth, {
            signal: pull.abort.signal,
            onProgress: (progress) => (pull.progress = progress),
          })
        })
        const took = formatGoMilliseconds(clock.now() - pullingAt)
        const waited = formatGoMilliseconds(clock.now() - startedAt)
        pull.outcome = 'done'
        const ended = { image: came, ...(taken ? { credentials: credentialHash(taken) } : {}) }
        if (what.wasThere) pulled.repeat(image, ended)
        else pulled.add(image, ended, clock.now())
        events.container(pod, container.name, {
          type: 'Normal',
          reason: 'Pulled',
          message: `Successfully pulled image "${image}" in ${took} (${waited} including waiting). Image size: ${came.sizeBytes} bytes.`,
        })
      } catch (error) {
        pull.outcome = 'failed'
        pull.message = (error as Error).message
        pull.finishedAt = clock.now()
        backoff.next(key, pull.finishedAt)
        if (pull.abort.signal.aborted) return
        events.container(pod, container.name, failed(`Failed to pull image "${image}": ${pull.message}`))
        events.container(pod, container.name, failed('Error: ErrImagePull'))
      } finally {
        onDone(pod.metadata.uid ?? '')
      }
    }
    void run()
  }

  /** Whether the pod may use an image that is there without asking its registry again. */
  async function isUsable(pod: Pod, container: Container, local: ImageStatus): Promise<boolean> {
    const { image: reference = '', imagePullPolicy } = container
    const pull = pulls.get(keyOf(pod, reference))
    if (pull?.outcome === 'done') return true
    if (imagePullPolicy === 'Always' && !isLocalBuild(local)) return false
    // It is there a moment before it is noted for whom it was pulled.
    const running = [...pulls.values()].filter(({ outcome }) => outcome === 'running')
    if (running.some((other) => other !== pull && other.brings === reference)) return false
    return mayUse(
      pulledByNode,
      { reference, local },
      async () => (await pullCredentials(pod, reference, config)).auth,
    )
  }

  /** What is known of the image here; an engine that cannot tell is asked again. */
  async function inspect(
    pod: Pod,
    container: Container,
  ): Promise<{ local?: ImageStatus | undefined; problem?: ImageVerdict }> {
    const { image = '' } = container
    try {
      return { local: await runtime.imageStatus(image) }
    } catch (error) {
      if (error instanceof RuntimeError && error.reason === 'RuntimeUnavailable') throw error
      const message = `Failed to inspect image "${image}": ${(error as Error).message}`
      events.container(pod, container.name, { type: 'Warning', reason: 'InspectFailed', message })
      events.container(pod, container.name, failed('Error: ImageInspectError'))
      return { problem: { waiting: { reason: 'ImageInspectError', message }, requeueAfterMs: 10_000 } }
    }
  }

  /** The answer for a pull that exists already; undefined when a new one has to start. */
  function judge(
    pull: Pull,
    about: { pod: Pod; container: Container; key: string },
  ): ImageVerdict | undefined {
    const { pod, container, key } = about
    if (pull.outcome === 'running') {
      const isLong = clock.now() - pull.askedAt >= progressPeriodMs
      return {
        ...goingOn,
        ...(isLong ? { progress: describePull(container.image ?? '', pull.progress) } : {}),
      }
    }
    if (pull.outcome === 'done') return undefined
    const remainingMs = backoff.remainingMs(key, pull.finishedAt)
    if (remainingMs <= 0) return undefined
    const untilNoticeMs = pull.finishedAt + backoffNoticeMs - clock.now()
    if (untilNoticeMs > 0) {
      const waiting = { reason: 'ErrImagePull', message: pull.message }
      return { waiting, requeueAfterMs: Math.min(remainingMs, untilNoticeMs) }
    }
    const { image } = container
    if (!pull.backoffTold) {
      pull.backoffTold = true
      const message = `Back-off pulling image "${image}"`
      events.container(pod, container.name, { type: 'Normal', reason: 'BackOff', message })
      events.container(pod, container.name, failed('Error: ImagePullBackOff'))
    }
    const message = `Back-off pulling image "${image}": ErrImagePull: ${pull.message}`
    return { waiting: { reason: 'ImagePullBackOff', message }, requeueAfterMs: remainingMs }
  }

  return {
    async ensure(pod, container) {
      const image = container.image ?? ''
      const policy = container.imagePullPolicy ?? 'IfNotPresent'
      if (!isImageReference(image)) {
        const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${imageReferenceProblem(image)}`
        events.container(pod, container.name, { type: 'Warning', reason: 'InspectFailed', message })
        events.container(pod, container.name, failed('Error: InvalidImageName'))
        return { waiting: { reason: 'InvalidImageName', message } }
      }
      const key = keyOf(pod, image)
      const { local, problem } = await inspect(pod, container)
      if (problem) return problem
      const pull = pulls.get(key)
      if (local && (await isUsable(pod, container, local))) {
        if (pull?.outcome === 'done') pulls.delete(key)
        else {
          events.container(pod, container.name, {
            type: 'Normal',
            reason: 'Pulled',
            message: `Container image "${image}" already present on machine and can be accessed by the pod`,
          })
        }
        pulled.use(image, clock.now())
        onImage(local)
        return { image: local }
      }
      if (policy === 'Never') {
        const message = `Container image "${image}" is not present with pull policy of Never`
        events.container(pod, container.name, {
          type: 'Warning',
          reason: 'ErrImageNeverPull',
          message,
        })
        events.container(pod, container.name, failed('Error: ErrImageNeverPull'))
        return { waiting: { reason: 'ErrImageNeverPull', message }, requeueAfterMs: 10_000 }
      }
      const known = pull && judge(pull, { pod, container, key })
      if (known) return known
      startPull(pod, container, { key, wasThere: local !== undefined })
      return goingOn
    },

    forget(podUid) {
      for (const [key, pull] of pulls) {
        if (!key.startsWith(`${podUid}_`)) continue
        pull.abort.abort()
        pulls.delete(key)
      }
      backoff.forget(`${podUid}_`)
    },
  }
}

function keyOf({ metadata }: Pod, image: string): string {
  return `${metadata.uid}_${image}`
}

/**
 * An image that was built here and never pushed or pulled has no registry digest. Asking a registry for it can only
 * fail, so even the policy Always (the default for `:latest`) uses it as it is: local images need no load step.
 */
function isLocalBuild(image: ImageStatus): boolean {
  return image.digests.length === 0
}

function failed(message: string): { type: 'Warning'; reason: 'Failed'; message: string } {
  return { type: 'Warning', reason: 'Failed', message }
}
