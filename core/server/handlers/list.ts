import { apiVersionOf } from '../../api/gvk.ts'
import type { ListMeta } from '../../api/meta.ts'
import type { ListPage } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import { respondData, wantsPretty } from '../responses/object.ts'
import type { Transform } from '../responses/negotiation.ts'
import { acceptsGzip, gzipThresholdBytes, respond, respondInPieces } from '../responses/respond.ts'
import { parseIncludeObject, tableText } from '../responses/table.ts'
import type { HandlerContext, VerbHandler } from './handler-context.ts'
import { parseListQuery } from './read-queries.ts'
import { requireVerb, type Target } from './target.ts'

const comma = Buffer.from(',')
/** How much of a list is put together at a time. */
const pieceBytes = 256 * 1024
const tail = Buffer.from(']}\n')

/** GET of a collection. */
export const handleList: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'list')
  const page = await target.resource.list(parseListQuery(exchange.query, { namespace: target.namespace }))
  await respondList(exchange, { target, context }, page)
}

/** The metadata of a list answer. */
export function listMetadata(page: ListPage): ListMeta {
  const metadata: ListMeta = { resourceVersion: page.resourceVersion }
  if (page.continue) metadata.continue = page.continue
  if (page.remainingItemCount !== undefined) metadata.remainingItemCount = page.remainingItemCount
  return metadata
}

/** Sends a page of entries as a list, a Table or a PartialObjectMetadataList. */
export async function respondList(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext },
  page: ListPage,
): Promise<void> {
  const negotiated = handling.context.negotiate(exchange.header('accept'))
  const isPlain = negotiated.format === 'json' && !wantsPretty(exchange)
  if (isPlain && !negotiated.transform) return respondItems(exchange, handling, page)
  const body = negotiated.transform
    ? transformedList(exchange, { ...handling, transform: negotiated.transform }, page)
    : Buffer.concat([...listPieces(listHead(handling.target, page), page.entries)]).toString()
  if (isPlain) await respond(exchange, { code: 200, contentType: 'application/json', body })
  else await respondData(exchange, negotiated, { code: 200, data: JSON.parse(body) as unknown })
}

/** The whole objects, put together out of their own bytes: nothing is serialised again, and little compressed again. */
async function respondItems(
  exchange: Exchange,
  { target, context }: { target: Target; context: HandlerContext },
  page: ListPage,
): Promise<void> {
  const { entries } = page
  const head = listHead(target, page)
  const contentType = 'application/json'
  const itemBytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0)
  if (acceptsGzip(exchange) && itemBytes >= gzipThresholdBytes) {
    const body = await context.listCompressor.gzip(head, entries, tail)
    const headers = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
    await respond(exchange, { code: 200, contentType, body, headers, isEncoded: true })
    return
  }
  const contentLength = head.length + itemBytes + Math.max(0, entries.length - 1) + tail.length
  await respondInPieces(exchange, { contentType, contentLength, pieces: listPieces(head, entries) })
}

function transformedList(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext; transform: Transform },
  page: ListPage,
): string {
  const { target, context } = handling
  const metadata = listMetadata(page)
  if (handling.transform === 'Table') {
    const request = {
      definition: target.definition,
      includeObject: parseIncludeObject(exchange.query.get('includeObject')),
      now: context.clock.now(),
      metadataOf: context.metadataOf,
    }
    return tableText(request, { metadata, objects: page.entries.map((entry) => entry.object) })
  }
  const items = page.entries.map((entry) => context.metadataOf(entry.object)).join(',')
  return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)},"items":[${items}]}\n`
}

function listHead({ definition }: Target, page: ListPage): Buffer {
  const metadata = JSON.stringify(listMetadata(page))
  return Buffer.from(
    `{"kind":"${definition.names.listKind ?? `${definition.kind}List`}","apiVersion":"${apiVersionOf(definition)}","metadata":${metadata},"items":[`,
  )
}

function* listPieces(head: Buffer, entries: ListPage['entries']): Generator<Uint8Array> {
  let parts: Uint8Array[] = [head]
  let length = head.length
  for (const [index, { bytes }] of entries.entries()) {
    if (index > 0) parts.push(comma)
    parts.push(bytes)
    length += bytes.length
    if (length < pieceBytes) continue
    yield Buffer.concat(parts)
    parts = []
    length = 0
  }
  parts.push(tail)
  yield Buffer.concat(parts)
}
