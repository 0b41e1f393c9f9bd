import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { notAcceptable } from '../../api/status.ts'
import type { RemoteVersion } from '../aggregation/remote-discovery.ts'
import type { Registry } from '../../registry/registry.ts'
import { arrangeKinds } from '../discovery/group-order.ts'
import type { Handler } from '../filters/filter.ts'
import { createKindCache } from '../kind-cache.ts'
import { createMergeCache } from '../merge-cache.ts'
import { covers, parseAccept } from '../responses/accept.ts'
import { respond } from '../responses/respond.ts'
import { buildDocument, type DocumentSource } from './document.ts'
import { mergeSwagger } from './merge-swagger.ts'
import { toSwagger } from './v2-document.ts'
import { encodeSwagger } from './v2-protobuf.ts'

interface Encoded {
  contentType: string
  plain: Buffer
  gzipped: Buffer
  etag: string
}

const askedProtobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const jsonType = 'application/json'
const nothing: readonly RemoteVersion[] = []
const gzipAsync = promisify(gzip)

/**
 * Serves `/openapi/v2`: everything in one Swagger 2.0 document, as JSON or in gnostic's protobuf form. kubectl before
 * 1.29 cannot apply or explain without it. Built at the first request and kept as bytes; what extension API servers
 * publish is a part of it.
 */
export function createSwaggerHandler(options: {
  registry: Registry
  source: () => DocumentSource
  /** What extension API servers serve; the same array as long as nothing has changed. */
  remotes?: () => readonly RemoteVersion[]
}): Handler {
  const remotes = options.remotes ?? ((): readonly RemoteVersion[] => nothing)
  const own = createKindCache(options.registry, (kinds) => {
    const source = options.source()
    const versions = arrangeKinds(kinds).flatMap((group) => group.versions)
    return toSwagger(versions.map((served) => buildDocument(served, source)))
  })
  const swagger = createMergeCache(own, remotes, (document, versions) => ({
    document: mergeSwagger(
      document,
      versions.flatMap(({ group, version, openApiV2 }) =>
        openApiV2 ? [{ group, version, document: openApiV2.document }] : [],
      ),
    ),
    forms: new Map<string, Promise<Encoded>>(),
  }))

  async function encode(contentType: string): Promise<Encoded> {
    const { document } = swagger()
    const plain = contentType === jsonType ? Buffer.from(JSON.stringify(document)) : encodeSwagger(document)
    const etag = `"${createHash('sha256').update(plain).digest('hex').toUpperCase()}"`
    return { contentType, plain, gzipped: await gzipAsync(plain), etag }
  }

  return async (exchange) => {
    const contentType = chooseType(exchange.header('accept'))
    const { forms } = swagger()
    const pending = forms.get(contentType) ?? encode(contentType)
    forms.set(contentType, pending)
    const { plain, gzipped, etag } = await pending
    const headers = { etag, vary: 'Accept' }
    if (exchange.header('if-none-match') === etag) {
      return respond(exchange, { code: 304, contentType, body: '', headers })
    }
    return respond(exchange, { code: 200, contentType, body: plain, gzipped, headers })
  }
}

function chooseType(accept: string | undefined): string {
  for (const clause of parseAccept(accept)) {
    if (clause.mediaType === askedProtobuf || clause.mediaType === protobufType) return protobufType
    if (covers(clause, jsonType)) return jsonType
  }
  throw notAcceptable([jsonType, askedProtobuf])
}
