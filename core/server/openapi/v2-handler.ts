import { createHash } from 'node:crypto'
import type { RemoteVersion } from '../aggregation/remote-discovery.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Handler } from '../filters/filter.ts'
import { createKindCache } from '../kind-cache.ts'
import { createMergeCache } from '../merge-cache.ts'
import { respond } from '../responses/respond.ts'
import { serveContent } from '../responses/serve-content.ts'
import { planDocuments, type DocumentPlan } from './document-plan.ts'
import type { DocumentSource } from './document.ts'
import { keepDocument, type KeptDocument } from './kept-document.ts'
import { mergeSwagger } from './merge-swagger.ts'
import { chooseForm, jsonType } from './openapi-types.ts'
import { buildSwagger } from './v2-document.ts'
import { encodeSwagger } from './v2-protobuf.ts'

const protobufTypes = {
  current: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  older: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
}
const nothing: readonly RemoteVersion[] = []
const vary = ['Accept-Encoding', 'Accept']

/**
 * Serves `/openapi/v2`: everything in one Swagger 2.0 document, as JSON or in gnostic's protobuf form. kubectl before
 * 1.29 cannot apply or explain without it. Built at the first request and kept as bytes; what extension API servers
 * publish is a part of it. Both forms have the tag of the JSON form (upstream: kube-openapi pkg/handler/handler.go).
 */
export function createSwaggerHandler(options: {
  registry: Registry
  source: () => DocumentSource
  /** What extension API servers serve; the same array as long as nothing has changed. */
  remotes?: () => readonly RemoteVersion[]
}): Handler {
  const remotes = options.remotes ?? ((): readonly RemoteVersion[] => nothing)
  const plans = createKindCache(options.registry, planDocuments)
  const kept = createMergeCache(plans, remotes, (all, versions) => {
    let document: Promise<KeptDocument> | undefined
    return () => (document ??= keep(all, versions))
  })

  function keep(all: DocumentPlan[], versions: readonly RemoteVersion[]): Promise<KeptDocument> {
    const theirs = versions.flatMap(({ group, version, openApiV2 }) =>
      openApiV2 ? [{ group, version, document: openApiV2.document }] : [],
    )
    return keepDocument({
      document: mergeSwagger(buildSwagger(all, options.source()), theirs),
      encode: encodeSwagger,
      tag: (json) => createHash('sha512').update(json).digest('hex').toUpperCase(),
    })
  }

  return async (exchange) => {
    const form = chooseForm(exchange.header('accept'), protobufTypes)
    if (!form) return respond(exchange, { code: 406, body: '', headers: { vary } })
    const document = await kept()()
    return serveContent(exchange, {
      contentType: form === 'json' ? jsonType : protobufTypes.current,
      body: { gzipped: form === 'json' ? document.json() : await document.protobuf() },
      lastModified: document.lastModified,
      etag: `"${document.tag}"`,
      headers: { vary },
      isGzipOffered: true,
    })
  }
}
