import { notAcceptable, StatusError, type Status } from '../../api/status.ts'
import type { RegistryEvent } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import { frameParts } from '../responses/frame-cache.ts'
import { partialObjectMetadata } from '../responses/metadata-only.ts'
import { protobufType, type MetaVersion, type Negotiated } from '../responses/negotiation.ts'
import { toStatusError } from '../responses/status.ts'
import { blankRow } from '../responses/row-cache.ts'
import { parseIncludeObject, tableBytes } from '../responses/table.ts'
import { startWatchStream } from '../responses/watch-stream.ts'
import type { HandlerContext, VerbHandler } from './handler-context.ts'
import { parseWatchQuery } from './read-queries.ts'
import { requireVerb, type Target } from './target.ts'

/** Frames of this many events at a time are shared between watchers; more are a first picture, sent in parts. */
const mostSharedEvents = 64

/** Turns events into frames in the form the client asked for. */
interface Framer {
  contentType: string
  /** Whether events and frames match; else an event's size is that of its object. */
  isFramePerEvent: boolean
  frame(events: RegistryEvent[]): Uint8Array[]
  /** The frame of what ended the watch. */
  failure(status: Status): Uint8Array
}

function createFramer(exchange: Exchange, target: Target, context: HandlerContext): Framer {
  const negotiated = context.negotiate(exchange.header('accept'), target)
  switch (negotiated.format) {
    case 'json':
      return {
        contentType: 'application/json',
        isFramePerEvent: false,
        frame: createJsonFramer(exchange, { target, context, negotiated }),
        failure: (status) => Buffer.from(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`),
      }
    case 'protobuf':
      return {
        contentType: streamType(protobufType),
        isFramePerEvent: true,
        frame: createProtobufFramer(context, negotiated),
        failure: (status) => context.protobuf.watchEvent('ERROR', status),
      }
    case 'yaml':
      throw notAcceptable([streamType('application/json'), streamType(protobufType)])
  }
}

function streamType(mediaType: string): string {
  return `${mediaType};stream=watch`
}

/** Frames are length and WatchEvent each; those of whole objects are shared between watchers. */
function createProtobufFramer(context: HandlerContext, { transform, version }: Negotiated): Framer['frame'] {
  const { protobuf, protobufFrames } = context
  if (transform) {
    return (events) =>
      events.map(({ type, object }) => protobuf.watchEvent(type, partialObjectMetadata(object, version)))
  }
  return (events) =>
    events.length > mostSharedEvents
      ? events.map(({ type, object }) => protobuf.watchEvent(type, object))
      : events.map((event) => protobufFrames.frameOf(event))
}

/** Frames are `{"type":…,"object":…}` and a newline each. */
function createJsonFramer(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext; negotiated: Negotiated },
): Framer['frame'] {
  const { target, context, negotiated } = handling
  const { transform, version = 'v1' } = negotiated
  if (!transform) {
    return (events) =>
      events.length > mostSharedEvents
        ? events.flatMap((event) => frameParts(event.type, event.bytes))
        : events.map((event) => context.frames.frameOf(event))
  }
  // Whether it is asked for of the list or of its items, an event carries one object.
  const each =
    transform === 'Table'
      ? createTableWriter(exchange, target, { context, version })
      : (event: RegistryEvent) => Buffer.from(context.metadataOf(event.object, version))
  return (events) => events.flatMap((event) => frameParts(event.type, each(event)))
}

/** JSON of one event after another as Tables of one row; only the first has the column definitions. */
function createTableWriter(
  exchange: Exchange,
  target: Target,
  { context, version }: { context: HandlerContext; version: MetaVersion },
): (event: RegistryEvent) => Uint8Array {
  const includeObject = parseIncludeObject(exchange.query.get('includeObject'))
  let withHeader = true
  return (event) => {
    const request = {
      columns: target.definition.columns,
      includeObject,
      version,
      now: context.clock.now(),
      rowOf: event.type === 'BOOKMARK' ? blankRow : context.rowOf,
    }
    const metadata = { resourceVersion: event.object.metadata.resourceVersion ?? '' }
    const table = tableBytes(request, { metadata, items: [event], withHeader })
    withHeader = false
    return table
  }
}

/** How long a watch lasts when the client does not say: 30 to 60 minutes (upstream: MinRequestTimeout, spread). */
function defaultTimeoutSeconds(): number {
  return 1800 + Math.floor(Math.random() * 1800)
}

/**
 * A watch: frames until the client goes, the time is up, the revision is gone or an event cannot be shown (an ERROR
 * frame with the Status, as upstream).
 */
export const handleWatch: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'watch')
  const framer = createFramer(exchange, target, context)
  const query = parseWatchQuery(exchange.query, { namespace: target.namespace, name: target.name })
  if (!query.timeoutSeconds) query.timeoutSeconds = defaultTimeoutSeconds()
  await runWatch(exchange, { target, context, framer, query })
}

interface WatchRun {
  target: Target
  context: HandlerContext
  framer: Framer
  query: ReturnType<typeof parseWatchQuery>
}

async function runWatch(exchange: Exchange, run: WatchRun): Promise<void> {
  const { context } = run
  // Events may come before the registry's promise resolves: they wait until the answer has begun.
  let early: RegistryEvent[] = []
  const ended = Promise.withResolvers<unknown>()
  let deliver = (events: RegistryEvent[]): void => void (early = early.concat(events))
  let watch: { close(): void } | undefined
  let failure: unknown
  try {
    watch = await run.target.resource.watch(run.query, {
      onEvents: (events) => deliver(events),
      onEnd: (error) => ended.resolve(error),
    })
  } catch (error) {
    // Upstream reports a revision that is gone inside the stream; everything else before it begins.
    if (!(error instanceof StatusError) || error.code !== 410) throw error
    failure = error
    ended.resolve(error)
  }
  const { apiGroup: group, resource, apiVersion: version } = exchange.info
  const stream = startWatchStream(exchange, {
    contentType: run.framer.contentType,
    clock: context.clock,
    onCutOff: () => context.metrics.terminatedWatchers.add({ group, resource }),
  })
  const labels = { group, resource, version }
  const sent = context.metrics.watchEvents.bind(labels)
  const sizes = context.metrics.watchEventSizes.bind(labels)
  let isListing = run.query.sendInitialEvents === true
  const send = (events: RegistryEvent[]): void => {
    if (isListing && events.some(({ type }) => type === 'BOOKMARK')) {
      isListing = false
      const scope = exchange.info.name ? 'resource' : run.query.namespace ? 'namespace' : 'cluster'
      const seconds = (context.clock.now() - exchange.startedAt) / 1000
      context.metrics.watchLists.observe({ group, resource, scope, version }, seconds)
    }
    const frames = run.framer.frame(events)
    stream.write(frames)
    sent.value += events.length
    if (run.framer.isFramePerEvent) for (const { length } of frames) sizes.observe(length)
    else for (const { bytes } of events) sizes.observe(bytes.length)
  }
  // The store calls this: what fails in a frame, such as a column of a Table, ends this watch and nothing else.
  deliver = (events) => {
    try {
      send(events)
    } catch (error) {
      deliver = () => undefined
      ended.resolve(error)
    }
  }
  if (early.length > 0) deliver(early)
  early = []
  const gone = (): void => ended.resolve(undefined)
  if (exchange.signal.aborted) gone()
  else exchange.signal.addEventListener('abort', gone, { once: true })
  const error = (await ended.promise) ?? failure
  watch?.close()
  if (error) {
    const { status } = toStatusError(error, context.log)
    stream.write([run.framer.failure(status)])
  }
  stream.end()
}
