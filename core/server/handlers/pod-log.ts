import { pipeline } from 'node:stream/promises'
import type { Writable } from 'node:stream'
import type { Pod } from '../../api/generated/core-v1.ts'
import { invalid, serviceUnavailable, type FieldError } from '../../api/status.ts'
import { forbiddenField, invalidValue } from '../../api/field-errors.ts'
import { respond, startStream } from '../responses/respond.ts'
import type { LogOptions } from '../streaming/backend.ts'
import { chooseContainer } from '../streaming/stream-target.ts'
import type { VerbHandler } from './handler-context.ts'
import { booleanParameter, integerParameter, timeParameter } from './query-values.ts'
import { requireName } from './target.ts'
import { requireNode } from './require-node.ts'

const contentType = 'text/plain'

/** The options of a log request (upstream: PodLogOptions and its validation). Throws 400 and 422. */
function parseLogOptions(query: URLSearchParams, podName: string): Omit<LogOptions, 'container' | 'signal'> {
  const tailLines = integerParameter(query, 'tailLines')
  const limitBytes = integerParameter(query, 'limitBytes')
  const sinceSeconds = integerParameter(query, 'sinceSeconds')
  const sinceTime = timeParameter(query, 'sinceTime')
  const errors: FieldError[] = [
    ...atLeast('tailLines', tailLines, 0),
    ...atLeast('limitBytes', limitBytes, 1),
    ...(sinceTime === undefined ? atLeast('sinceSeconds', sinceSeconds, 1) : []),
  ]
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(forbiddenField('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  }
  // Behind a gate that is off (upstream: PodLogsQuerySplitStreams).
  if (query.has('stream')) errors.push(forbiddenField('stream', 'may not be specified'))
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, podName, errors)
  return {
    follow: booleanParameter(query, 'follow') ?? false,
    previous: booleanParameter(query, 'previous') ?? false,
    timestamps: booleanParameter(query, 'timestamps') ?? false,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(sinceTime === undefined ? {} : { sinceTime }),
  }
}

function atLeast(field: string, value: number | undefined, minimum: 0 | 1): FieldError[] {
  if (value === undefined || value >= minimum) return []
  const rule = minimum === 0 ? 'greater than or equal to 0' : 'greater than 0'
  return [invalidValue(field, value, `must be ${rule}`)]
}

/** GET of a pod's log: plain text, streamed as the node gives it. */
export const handlePodLog: VerbHandler = async (exchange, target, context) => {
  const { namespace, name } = requireName(target)
  const options = parseLogOptions(exchange.query, name)
  const { object } = await target.resource.get(namespace, name)
  const pod = object as Pod
  const container = chooseContainer(pod, exchange.query.get('container'))
  const nodeName = pod.spec?.nodeName
  if (!nodeName) {
    // A pod without a node has no log yet (upstream: StreamObject, of a location that is none).
    return respond(exchange, { code: 204, body: '' })
  }
  const backend = context.nodeBackends(nodeName)
  if (!backend) {
    await requireNode(context.registry, nodeName)
    throw serviceUnavailable(`the node "${nodeName}" that runs pod "${name}" cannot be reached`)
  }
  const ref = { namespace: namespace ?? '', name, uid: pod.metadata.uid ?? '' }
  const log = await backend.logs(ref, { ...options, container, signal: exchange.signal })
  startStream(exchange, contentType)
  ;(exchange.response as { flushHeaders(): void }).flushHeaders()
  try {
    await pipeline(log, exchange.response as Writable)
  } catch (error) {
    // A client that leaves, or a server that closes, ends a log; anything else is worth a line.
    if (!exchange.signal.aborted)
      context.log.warn('log stream broke off', { pod: `${namespace}/${name}`, error })
  }
}
