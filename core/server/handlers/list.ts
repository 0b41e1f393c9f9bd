import { parseExactJson } from '../../api/exact-json.ts'
import { apiVersionOf } from '../../api/gvk.ts'
import type { ListMeta } from '../../api/meta.ts'
import { isCustom, type KindDefinition } from '../../registry/kind.ts'
import type { Typed } from '../../registry/protobuf/encode-protobuf.ts'
import type { ListPage } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import { itemFormOf } from '../responses/item-form.ts'
import type { ListText } from '../responses/list-compressor.ts'
import { respondData, wantsPretty } from '../responses/object.ts'
import type { MetaVersion, Negotiated, Transform } from '../responses/negotiation.ts'
import { joinPieces, lengthOfPieces, type Piece } from '../responses/pieces.ts'
import { respondProtobufList } from '../responses/protobuf-list.ts'
import { acceptsGzip, gzipThresholdBytes, respond, respondInPieces } from '../responses/respond.ts'
import { parseIncludeObject, tablePieces } from '../responses/table.ts'
import { wrongShape } from '../responses/wrong-shape.ts'
import type { HandlerContext, VerbHandler } from './handler-context.ts'
import { parseListQuery } from './read-queries.ts'
import { requireVerb, type Target } from './target.ts'

/** GET of a collection. */
export const handleList: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'list')
  const page = await target.resource.list(parseListQuery(exchange.query, { namespace: target.namespace }))
  await respondList(exchange, { target, context }, page)
}

/** The metadata of a list answer. */
export function listMetadata(page: ListPage): ListMeta {
  const metadata: ListMeta = page.resourceVersion === '' ? {} : { resourceVersion: page.resourceVersion }
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
  const negotiated = handling.context.negotiate(exchange.header('accept'), handling.target)
  const refusal = wrongShape(negotiated, handling.target.definition, true)
  if (refusal) throw refusal
  if (negotiated.format === 'protobuf') return respondProtobuf(exchange, { ...handling, negotiated }, page)
  // Whole in one piece where the audit log is to have it.
  const isPlain = negotiated.format === 'json' && !wantsPretty(exchange) && !exchange.audit?.wantsResponse
  if (isPlain && !negotiated.transform) return respondItems(exchange, handling, page)
  const { transform, version = 'v1' } = negotiated
  if (transform && isPlain) return respondTransformed(exchange, { ...handling, transform, version }, page)
  const data = parseExactJson(answerText(exchange, { ...handling, negotiated }, page)) as Typed
  await respondData(exchange, negotiated, { code: 200, data })
}

/** The JSON of the answer as one text. */
function answerText(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext; negotiated: Negotiated },
  page: ListPage,
): string {
  const { transform, version = 'v1' } = handling.negotiated
  return joinPieces(
    transform
      ? transformedList(exchange, { ...handling, transform, version }, page)
      : listPieces(listText(handling.target, page)),
  ).toString()
}

async function respondProtobuf(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext; negotiated: Negotiated },
  page: ListPage,
): Promise<void> {
  const { target, context, negotiated } = handling
  const { definition } = target
  if (exchange.audit?.wantsResponse) exchange.audit.responseObject(answerText(exchange, handling, page))
  const kinds = negotiated.transform
    ? {
        apiVersion: `meta.k8s.io/${negotiated.version ?? 'v1'}`,
        kind: 'PartialObjectMetadataList',
        itemKind: 'PartialObjectMetadata',
      }
    : { apiVersion: apiVersionOf(definition), kind: listKindOf(definition), itemKind: definition.kind }
  await respondProtobufList(exchange, context, {
    ...kinds,
    metadata: listMetadata(page),
    entries: page.entries,
  })
}

interface Transformed {
  target: Target
  context: HandlerContext
  transform: Transform
  version: MetaVersion
}

async function respondTransformed(exchange: Exchange, handling: Transformed, page: ListPage): Promise<void> {
  const pieces = transformedList(exchange, handling, page)
  const contentType = 'application/json'
  const contentLength = lengthOfPieces(pieces)
  if (contentLength < gzipThresholdBytes || acceptsGzip(exchange))
    await respond(exchange, { code: 200, contentType, body: joinPieces(pieces) })
  else await respondInPieces(exchange, { contentType, contentLength, pieces, slabs: handling.context.slabs })
}

/** The whole objects, put together out of their own bytes: nothing is serialised again, and little compressed again. */
async function respondItems(
  exchange: Exchange,
  { target, context }: { target: Target; context: HandlerContext },
  page: ListPage,
): Promise<void> {
  const list = listText(target, page)
  const { head, items, between, tail } = list
  const contentType = 'application/json'
  const itemBytes = items.reduce((sum, { bytes }) => sum + list.bodyOf(bytes).length, 0)
  if (acceptsGzip(exchange) && itemBytes >= gzipThresholdBytes) {
    const body = await context.listCompressor.gzip(list)
    const headers = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
    await respond(exchange, { code: 200, contentType, body, headers, isEncoded: true })
    return
  }
  const contentLength = head.length + itemBytes + Math.max(0, items.length - 1) * between.length + tail.length
  await respondInPieces(exchange, {
    contentType,
    contentLength,
    pieces: listPieces(list),
    slabs: context.slabs,
  })
}

/** The JSON of a Table or PartialObjectMetadataList, in pieces to be put together in order. */
function transformedList(exchange: Exchange, handling: Transformed, page: ListPage): Piece[] {
  const { target, context, version } = handling
  const metadata = listMetadata(page)
  if (handling.transform === 'Table') {
    const request = {
      columns: target.definition.columns,
      version,
      includeObject: parseIncludeObject(exchange.query.get('includeObject')),
      now: context.clock.now(),
      rowOf: context.rowOf,
    }
    return [...tablePieces(request, { metadata, items: page.entries }), '\n']
  }
  const head = `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(metadata)},"items":[`
  const items = page.entries.flatMap((entry, index) => [
    index > 0 ? ',' : '',
    context.metadataOf(entry.object, version),
  ])
  return [head, ...items, ']}\n']
}

function listKindOf({ names, kind }: KindDefinition): string {
  return names.listKind ?? `${kind}List`
}

/** The JSON of a list, not yet put together. */
function listText({ definition }: Target, page: ListPage): ListText {
  const { open, bodyOf } = itemFormOf(definition)
  const { head, tail } = envelopeOf(definition, listMetadata(page))
  return {
    head: Buffer.from(page.entries.length > 0 ? head + open : head),
    items: page.entries,
    bodyOf,
    between: Buffer.from(`,${open}`),
    tail: Buffer.from(tail),
  }
}

/** What is around the items. Upstream's lists of custom resources are maps, whose keys are sorted, and always say where they go on. */
function envelopeOf(
  definition: KindDefinition,
  metadata: ReturnType<typeof listMetadata>,
): { head: string; tail: string } {
  const [kind, apiVersion] = [listKindOf(definition), apiVersionOf(definition)]
  if (!isCustom(definition)) {
    const given = JSON.stringify(metadata)
    return {
      head: `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${given},"items":[`,
      tail: ']}\n',
    }
  }
  const { continue: next = '', remainingItemCount, resourceVersion } = metadata
  const given = JSON.stringify({ continue: next, remainingItemCount, resourceVersion })
  return {
    head: `{"apiVersion":"${apiVersion}","items":[`,
    tail: `],"kind":"${kind}","metadata":${given}}\n`,
  }
}

function* listPieces({ head, items, bodyOf, between, tail }: ListText): Generator<Uint8Array> {
  yield head
  for (let index = 0; index < items.length; index++) {
    if (index > 0) yield between
    yield bodyOf(items[index]!.bytes)
  }
  yield tail
}
