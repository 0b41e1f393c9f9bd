import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ContainerStatus } from '../runtime/specs.ts'

/** Keeps the logs of pods that are gone, for whoever wants to know why. */
export interface LogArchive extends Disposable {
  start(): void
  /** Saves the logs of containers that are about to be removed. Never fails, and never takes long. */
  save(containers: ContainerStatus[]): Promise<void>
}

export interface LogArchiveOptions {
  /** Holds `<namespace>_<pod>_<uid>/<container>/<attempt>.log`, as upstream lays out `/var/log/pods`. */
  directory: string
  /** How long a pod's logs stay; a day when absent. */
  keepMs?: number
}

const keepDefaultMs = 24 * 60 * 60_000
const sweepPeriodMs = 60 * 60_000
/** The newest lines of each container, and how long their copying may hold up the end of the pod. */
const keptLines = 10_000
const patienceMs = 3_000

/** An archive in a directory; without options it keeps nothing. */
export function createLogArchive(
  options: LogArchiveOptions | undefined,
  parts: { runtime: Pick<Runtime, 'logs'>; clock: Clock; log: Logger },
): LogArchive {
  const { runtime, clock, log } = parts
  let timer: Disposable | undefined
  if (!options)
    return { start: () => undefined, save: () => Promise.resolve(), [Symbol.dispose]: () => undefined }
  const { directory, keepMs = keepDefaultMs } = options

  async function copy(container: ContainerStatus, signal: AbortSignal): Promise<void> {
    const { namespace, name, uid } = container.pod
    const folder = join(directory, `${namespace}_${name}_${uid}`, container.name)
    await mkdir(folder, { recursive: true })
    const lines = await runtime.logs(container.id, {
      follow: false,
      tailLines: keptLines,
      timestamps: true,
      signal,
    })
    await pipeline(lines, createWriteStream(join(folder, `${container.attempt}.log`)))
  }

  async function sweep(): Promise<void> {
    for (const name of await readdir(directory).catch(() => [])) {
      const path = join(directory, name)
      const { mtimeMs } = await stat(path)
      if (clock.now() - mtimeMs > keepMs) await rm(path, { recursive: true, force: true })
    }
  }

  function sweepOrWarn(): void {
    sweep().catch((error: unknown) => log.warn('old logs could not be removed', { error }))
  }

  return {
    start() {
      sweepOrWarn()
      timer = clock.every(sweepPeriodMs, sweepOrWarn)
    },
    async save(containers) {
      const hurry = new AbortController()
      const limit = clock.after(patienceMs, () => hurry.abort())
      const ran = containers.filter(({ startedAt }) => startedAt !== undefined)
      await Promise.all(
        ran.map((container) =>
          copy(container, hurry.signal).catch((error: unknown) =>
            log.warn('the log of a removed container is lost', { container: container.name, error }),
          ),
        ),
      )
      limit[Symbol.dispose]()
    },
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  }
}
