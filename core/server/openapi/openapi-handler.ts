import type { RemoteVersion } from '../aggregation/remote-discovery.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { createKindCache } from '../kind-cache.ts'
import { respond } from '../responses/respond.ts'
import { serveContent } from '../responses/serve-content.ts'
import { hashOfPlan } from './document-hash.ts'
import { planDocuments, type DocumentPlan } from './document-plan.ts'
import { buildDocument, type DocumentSource } from './document.ts'
import { keepDocument, type KeptDocument } from './kept-document.ts'
import { chooseForm, jsonType } from './openapi-types.ts'
import { encodeOpenApi } from './v3-protobuf.ts'

interface Served {
  plan: DocumentPlan
  hash: string
  /** Filled at the first request. */
  document?: Promise<KeptDocument>
}

const root = '/openapi/v3'
const protobufTypes = {
  current: 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
  older: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
}
const vary = 'Accept'

/**
 * Serves `/openapi/v3` (the index, with a hash per document) and the documents, such as `/openapi/v3/apis/apps/v1`, as
 * JSON or in gnostic's protobuf form. Documents are built at their first request and kept as bytes; a request with the
 * current hash may cache for ever, one with another is led there (upstream: kube-openapi pkg/handler3/handler.go, behind
 * kube-aggregator's pkg/controllers/openapiv3/aggregator).
 */
export function createOpenApiHandler(options: {
  registry: Registry
  source: () => DocumentSource
  gitVersion: string
  /** What extension API servers serve: their documents are in the index, and theirs to answer. */
  remotes?: () => readonly RemoteVersion[]
}): Handler {
  let before = new Map<string, Served>()
  const documents = createKindCache(options.registry, (kinds) => {
    const map = new Map<string, Served>()
    for (const plan of planDocuments(kinds)) {
      const hash = hashOfPlan(plan, options.gitVersion)
      const known = before.get(plan.path)
      map.set(plan.path, known?.hash === hash ? known : { plan, hash })
    }
    before = map
    return map
  })

  function keptOf(served: Served): Promise<KeptDocument> {
    return (served.document ??= keepDocument({
      document: buildDocument(served.plan, options.source()),
      encode: encodeOpenApi,
      tag: () => served.hash,
    }))
  }

  return async (exchange) => {
    // As sent: with a slash at its end a path names nothing.
    const path = exchange.rawPath
    if (path === root) return respondIndex(exchange, documents(), options.remotes?.() ?? [])
    const name = path.slice(root.length + 1)
    const served = documents().get(name)
    if (!served) return respond(exchange, { code: 404, body: '' })
    const form = chooseForm(exchange.header('accept'), protobufTypes)
    if (!form) return respond(exchange, { code: 406, body: '', headers: { vary } })
    const contentType = form === 'json' ? jsonType : protobufTypes.current
    const etag = `"${served.hash}"`
    const hash = exchange.query.get('hash')
    if (hash && hash !== served.hash) {
      const headers = { etag, vary, location: urlOf(name, served.hash) }
      return respond(exchange, { code: 301, contentType, body: '', headers })
    }
    const document = await keptOf(served)
    return serveContent(exchange, {
      contentType,
      body: { gzipped: form === 'json' ? document.json() : await document.protobuf() },
      lastModified: document.lastModified,
      etag,
      headers: { vary, ...(hash && foreverHeaders(exchange.startedAt)) },
    })
  }
}

function foreverHeaders(now: number): Record<string, string> {
  const expires = new Date(now)
  expires.setUTCFullYear(expires.getUTCFullYear() + 1)
  return {
    'cache-control': 'public, immutable',
    expires: expires.toUTCString().replace('GMT', 'UTC'),
  }
}

function urlOf(path: string, hash: string): string {
  return `${root}/${path}?hash=${hash}`
}

/** The index has no type of its own upstream: Go looks at its first bytes and calls it text. */
async function respondIndex(
  exchange: Exchange,
  documents: Map<string, Served>,
  remotes: readonly RemoteVersion[],
): Promise<void> {
  const hashes = new Map([...documents].map(([path, { hash }]) => [path, hash]))
  for (const { group, version, openApiHash } of remotes) {
    if (openApiHash !== undefined) hashes.set(`apis/${group}/${version}`, openApiHash)
  }
  const paths = [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))
  const entries = paths.map(([path, hash]) => [path, { serverRelativeURL: urlOf(path, hash) }])
  await serveContent(exchange, {
    contentType: 'text/plain; charset=utf-8',
    body: { plain: Buffer.from(JSON.stringify({ paths: Object.fromEntries(entries) as object })) },
    lastModified: new Date(exchange.startedAt),
    // A client that asks again within a second would otherwise miss a definition that was made in it.
    isMadeNow: true,
  })
}
