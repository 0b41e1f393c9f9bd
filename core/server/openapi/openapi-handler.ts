import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { apiRoot } from '../../api/gvk.ts'
import { notAcceptable, pathNotFound } from '../../api/status.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import type { RemoteVersion } from '../aggregation/remote-discovery.ts'
import type { Registry } from '../../registry/registry.ts'
import { arrangeKinds, type ServedVersion } from '../discovery/group-order.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { createKindCache } from '../kind-cache.ts'
import { covers, parseAccept } from '../responses/accept.ts'
import { respond } from '../responses/respond.ts'
import { buildDocument, type DocumentSource } from './document.ts'

interface Served {
  served: ServedVersion
  hash: string
  /** Filled at the first request. */
  bytes?: Promise<{ plain: Buffer; gzipped: Buffer }>
}

const gzipAsync = promisify(gzip)

/** Identity of a document: it depends on nothing but its kinds and our version. */
function hashOf(kinds: KindDefinition[], gitVersion: string): string {
  const facts = kinds.map((kind) => [
    kind.names,
    kind.kind,
    kind.schema,
    kind.status !== undefined,
    kind.scale,
    kind.withoutVerbs,
  ])
  return createHash('sha256')
    .update(JSON.stringify([gitVersion, facts]))
    .digest('hex')
    .toUpperCase()
}

/**
 * Serves `/openapi/v3` (the index, with a hash per document) and `/openapi/v3/api/v1`, `/openapi/v3/apis/<group>/<version>`.
 * Documents are built at their first request and kept as bytes; a request with the current hash may cache for ever,
 * one with another is led there.
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
    for (const { versions } of arrangeKinds(kinds)) {
      for (const served of versions) {
        const path = apiRoot(served).slice(1)
        const hash = hashOf(served.kinds, options.gitVersion)
        const known = before.get(path)
        map.set(path, known?.hash === hash ? known : { served, hash })
      }
    }
    before = map
    return map
  })

  function bytesOf(document: Served): Promise<{ plain: Buffer; gzipped: Buffer }> {
    document.bytes ??= (async () => {
      const plain = Buffer.from(JSON.stringify(buildDocument(document.served, options.source())))
      return { plain, gzipped: await gzipAsync(plain) }
    })()
    return document.bytes
  }

  return async (exchange) => {
    requireJson(exchange)
    const path = exchange.info.path.slice('/openapi/v3'.length).replace(/^\//, '')
    if (path === '') return respondIndex(exchange, documents(), options.remotes?.() ?? [])
    const document = documents().get(path)
    if (!document) throw pathNotFound()
    const etag = `"${document.hash}"`
    const hash = exchange.query.get('hash')
    const isCurrent = hash === document.hash
    const headers = {
      etag,
      vary: 'Accept',
      'cache-control': isCurrent ? 'public, immutable' : 'no-cache, private',
      ...(isCurrent ? { expires: new Date(exchange.startedAt + 365 * 24 * 3600 * 1000).toUTCString() } : {}),
    }
    if (hash && !isCurrent) {
      const location = urlOf(path, document.hash)
      return respond(exchange, {
        code: 301,
        contentType: 'text/html; charset=utf-8',
        body: `<a href="${location}">Moved Permanently</a>.\n\n`,
        headers: { etag, vary: 'Accept', location },
      })
    }
    if (exchange.header('if-none-match') === etag) {
      return respond(exchange, { code: 304, contentType: 'application/json', body: '', headers })
    }
    const { plain, gzipped } = await bytesOf(document)
    return respond(exchange, { code: 200, contentType: 'application/json', body: plain, gzipped, headers })
  }
}

function requireJson(exchange: Exchange): void {
  const clauses = parseAccept(exchange.header('accept'))
  if (!clauses.some((clause) => covers(clause, 'application/json'))) throw notAcceptable(['application/json'])
}

function urlOf(path: string, hash: string): string {
  return `/openapi/v3/${path}?hash=${hash}`
}

async function respondIndex(
  exchange: Exchange,
  documents: Map<string, Served>,
  remotes: readonly RemoteVersion[],
): Promise<void> {
  const paths: Record<string, { serverRelativeURL: string }> = {}
  for (const [path, { hash }] of documents) {
    paths[path] = { serverRelativeURL: urlOf(path, hash) }
  }
  for (const { group, version, openApiHash } of remotes) {
    if (openApiHash === undefined) continue
    const path = `apis/${group}/${version}`
    paths[path] = { serverRelativeURL: urlOf(path, openApiHash) }
  }
  await respond(exchange, { code: 200, contentType: 'application/json', body: JSON.stringify({ paths }) })
}
