import type { KubeObject } from '../../api/meta.ts'
import type { Authorizer } from '../../auth/authz/authorizer.ts'
import type { TokenIssuer } from '../../auth/tokens.ts'
import type { ProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { BodyDecoder } from '../body/body-decoder.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { requireAccess } from '../filters/authorization.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { FrameCache } from '../responses/frame-cache.ts'
import type { ListCompressor } from '../responses/list-compressor.ts'
import type { Asked, MetaVersion, Negotiated } from '../responses/negotiation.ts'
import type { RowWriter } from '../responses/row-cache.ts'
import type { SlabPool } from '../responses/slab-pool.ts'
import type { NodeBackends } from '../streaming/backend.ts'
import type { Target } from './target.ts'
import type { WriteSource } from './write-options.ts'

/** What verb handlers work with. */
export interface HandlerContext {
  registry: Registry
  decoder: BodyDecoder
  /** Throws 406 where nothing that is offered of what is asked for is accepted. */
  negotiate: (accept: string | undefined, asked: Asked) => Negotiated
  protobuf: ProtobufEncoder
  /** JSON text of an object's PartialObjectMetadata, remembered per object. */
  metadataOf: (object: KubeObject, version: MetaVersion) => string
  /** JSON text of an object's row in a Table, remembered per object as far as it can be. */
  rowOf: RowWriter
  listCompressor: ListCompressor
  /** What large answers are put together in. */
  slabs: SlabPool
  frames: FrameCache
  protobufFrames: FrameCache
  nodeBackends: NodeBackends
  tokenIssuer: TokenIssuer
  /** Answers requests to `proxy` subresources. */
  proxy: Handler
  authorizer: Authorizer
  /** Counts of long-running requests and what they send. */
  metrics: Pick<
    ServerMetrics,
    'longRunning' | 'watchEvents' | 'watchEventSizes' | 'watchLists' | 'terminatedWatchers' | 'deprecatedApis'
  >
  clock: Clock
  log: Logger
}

/** For a PUT or apply, which are authorized as such: refuses to create where the caller may not (upstream: withAuthorization). */
export function authorizeCreate(exchange: Exchange, context: HandlerContext): () => Promise<void> {
  return () => requireAccess(context.authorizer, { ...exchange.info, verb: 'create' }, exchange.user)
}

/** Answers one verb of a resource. */
export type VerbHandler = (exchange: Exchange, target: Target, context: HandlerContext) => Promise<void>

/** Where a write's options come from, for an HTTP request. */
export function writeSource(exchange: Exchange, clock: Clock): WriteSource {
  return {
    query: exchange.query,
    user: exchange.user,
    userAgent: exchange.header('user-agent'),
    now: clock.now(),
    warn: (message) => exchange.warn(message),
    audit: exchange.audit,
  }
}
