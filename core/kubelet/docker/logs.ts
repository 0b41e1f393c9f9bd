import type Docker from 'dockerode'
import { PassThrough, pipeline, Readable, Transform } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import type { RuntimeLogOptions } from '../runtime/runtime-streams.ts'
import { createFrameStripper } from './demultiplex.ts'
import type { EngineCall } from './engine-call.ts'

interface LogSource {
  docker: Docker
  call: EngineCall
  clock: Clock
}

/** Unix time in seconds with a fraction, as Docker's `since` takes it; nanoseconds of an RFC 3339 text are kept. */
function sinceParameter(options: RuntimeLogOptions, clock: Clock): string | undefined {
  if (options.sinceSeconds !== undefined) return String(clock.now() / 1000 - options.sinceSeconds)
  if (options.sinceTime === undefined) return undefined
  const seconds = Math.floor(Date.parse(options.sinceTime) / 1000)
  const fraction = /\.(\d+)/.exec(options.sinceTime)?.[1] ?? '0'
  return `${seconds}.${fraction}`
}

/** Passes the first `limit` bytes, then ends. */
function createByteLimit(limit: number): Transform {
  let left = limit
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (left > 0) this.push(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) this.push(null)
      done()
    },
  })
}

/**
 * The log of a container, stdout and stderr in one stream as they were written. Docker prints timestamps as RFC 3339
 * with nanoseconds, which is the form upstream uses. Ends when `signal` aborts.
 */
export async function openLogs(
  source: LogSource,
  container: { id: string; tty: boolean },
  options: RuntimeLogOptions,
): Promise<Readable> {
  const since = sinceParameter(options, source.clock)
  const query = {
    stdout: true,
    stderr: true,
    timestamps: options.timestamps,
    ...(options.tailLines === undefined ? {} : { tail: options.tailLines }),
    ...(since === undefined ? {} : { since }),
  } as const
  const target = source.docker.getContainer(container.id)
  const raw: Readable = await source.call('ContainerLogsError', async () =>
    options.follow
      ? ((await target.logs({ ...query, follow: true } as Docker.ContainerLogsOptions & {
          follow: true
        })) as Readable)
      : Readable.from([
          await target.logs({ ...query, follow: false } as Docker.ContainerLogsOptions & { follow: false }),
        ]),
  )
  const stages: Transform[] = [container.tty ? new PassThrough() : createFrameStripper()]
  if (options.limitBytes !== undefined) stages.push(createByteLimit(options.limitBytes))
  const last = stages.at(-1)!
  // A broken connection or an abort ends the log; whoever reads it sees the end, not an error.
  pipeline([raw, ...stages], () => {
    raw.destroy()
    last.end()
  })
  const stop = (): void => {
    raw.destroy()
    last.end()
  }
  if (options.signal.aborted) stop()
  else options.signal.addEventListener('abort', stop, { once: true })
  return last
}
