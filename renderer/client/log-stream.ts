import { resources } from '../../core/api/resources.ts'
import { kubePath } from './kube-path.ts'
import { readLines } from './line-stream.ts'
import { streamBody } from './stream.ts'

export interface LogRequest {
  cluster: string
  namespace: string
  pod: string
  container: string
  follow: boolean
  previous: boolean
  tailLines?: number | undefined
  sinceSeconds?: number | undefined
  /** RFC 3339; used when a stream is taken up again. */
  sinceTime?: string | undefined
}

/** One log line with the time the node wrote it, '' where the server gave none. */
export interface TimedLine {
  time: string
  text: string
}

const stamp = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?/

/** Splits the time stamp off a line asked for with `timestamps=true`. */
function splitTimestamp(line: string): TimedLine {
  const match = stamp.exec(line)
  return match ? { time: match[1]!, text: line.slice(match[0].length) } : { time: '', text: line }
}

/** Streams the log of one container in batches of lines, until it ends or `signal` aborts. Throws StatusError. */
export async function* streamLog(request: LogRequest, signal: AbortSignal): AsyncGenerator<TimedLine[]> {
  const { cluster, namespace, pod, ...options } = request
  const path = kubePath(cluster, resources.pods, {
    namespace,
    name: pod,
    subresource: 'log',
    query: { ...options, timestamps: true },
  })
  for await (const lines of readLines(streamBody(path, signal))) yield lines.map(splitTimestamp)
}
