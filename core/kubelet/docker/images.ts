import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import { withDefaultTag } from '../images/image-reference.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { PullControl, PulledImage, RegistryAuth } from '../runtime/image-pull.ts'
import { engineStatus, isUnreachable, translateError } from './docker-errors.ts'
import type { EngineCall } from './engine-call.ts'
import { createPullProgressReader } from './pull-progress.ts'
import type { PullLine } from './pull-progress.ts'

export interface Images {
  status(image: string): Promise<ImageStatus | undefined>
  pull(image: string, auth: RegistryAuth[], control: PullControl): Promise<PulledImage>
  list(): Promise<ImageStatus[]>
  remove(image: string): Promise<void>
}

/** A pull that shows no progress for this long is given up; some registries stay silent for a while between layers. */
const silenceMs = 120_000

/** Reads progress lines to the end; rejects with the registry's error, or when nothing comes for too long. */
async function followPull(progress: Readable, clock: Clock, control: PullControl): Promise<void> {
  const { signal, onProgress } = control
  const reader = createPullProgressReader()
  let timer: Disposable | undefined
  const watch = (): void => {
    timer?.[Symbol.dispose]()
    timer = clock.after(silenceMs, () =>
      progress.destroy(new Error(`no progress for ${silenceMs / 1000} s; the pull was cancelled`)),
    )
  }
  const abort = (): void => void progress.destroy(new Error('the pull was cancelled'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  watch()
  let rest = ''
  try {
    for await (const chunk of progress) {
      watch()
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const state = reader.take(parseLine(line))
        if (state) onProgress?.(state)
      }
    }
    parseLine(rest)
  } finally {
    timer?.[Symbol.dispose]()
    signal.removeEventListener('abort', abort)
  }
}

/** Throws what the registry or the engine has against the pull. */
function parseLine(text: string): PullLine {
  if (text.trim() === '') return {}
  const line = JSON.parse(text) as PullLine
  const message = line.errorDetail?.message ?? line.error
  if (message !== undefined) throw new Error(message)
  return line
}

function ignoreNotFound(error: unknown): void {
  if (engineStatus(error) !== 404) throw error
}

/** The engine's images: what it has locally is usable at once. */
export function createImages(options: { docker: Docker; call: EngineCall; clock: Clock }): Images {
  const { docker, call, clock } = options

  async function status(image: string): Promise<ImageStatus | undefined> {
    try {
      const info = await call('ImageInspectError', () => docker.getImage(image).inspect())
      return {
        id: info.Id,
        tags: info.RepoTags ?? [],
        digests: info.RepoDigests ?? [],
        sizeBytes: info.Size,
        ...(info.Config?.User ? { user: info.Config.User } : {}),
      }
    } catch (error) {
      if (engineStatus((error as Error).cause) === 404) return undefined
      throw error
    }
  }

  async function pullOnce(
    image: string,
    auth: RegistryAuth | undefined,
    control: PullControl,
  ): Promise<void> {
    const authconfig = auth && {
      username: auth.username,
      password: auth.password,
      serveraddress: auth.serverAddress,
    }
    const progress = (await docker.pull(image, { ...(authconfig ? { authconfig } : {}) })) as Readable
    await followPull(progress, clock, control)
  }

  return {
    status,

    async pull(image, auth, control) {
      const reference = withDefaultTag(image)
      let failure: unknown
      let taken: RegistryAuth | undefined
      // Every credential that may fit is tried; without any, the pull is anonymous.
      for (const candidate of auth.length > 0 ? auth : [undefined]) {
        try {
          await pullOnce(reference, candidate, control)
          failure = undefined
          taken = candidate
          break
        } catch (error) {
          failure = error
          if (isUnreachable(error) || control.signal.aborted) break
        }
      }
      if (failure !== undefined) throw translateError(failure, 'ErrImagePull')
      const pulled = await status(reference)
      if (!pulled) throw new RuntimeError('ErrImagePull', `image ${reference} is absent after its pull`)
      return { image: pulled, ...(taken ? { auth: taken } : {}) }
    },

    async remove(image) {
      const target = docker.getImage(withDefaultTag(image))
      await call('RemoveImageError', () => target.remove().catch(ignoreNotFound))
    },

    async list() {
      const images = await call('ListImagesError', () => docker.listImages())
      return images.map((image) => ({
        id: image.Id,
        tags: (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
        digests: (image.RepoDigests ?? []).filter((digest) => !digest.startsWith('<none>')),
        sizeBytes: image.Size,
      }))
    },
  }
}
