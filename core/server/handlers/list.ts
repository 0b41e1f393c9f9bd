import { apiVersionOf } from '../../api/gvk.ts'
import type { ListMeta } from '../../api/meta.ts'
import type { ListPage } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import { respondData, wantsPretty } from '../responses/object.ts'
import type { Transform } from '../responses/negotiation.ts'
import { respond } from '../responses/respond.ts'
import { parseIncludeObject, tableText } from '../responses/table.ts'
import type { HandlerContext, VerbHandler } from './handler-context.ts'
import { parseListQuery } from './read-queries.ts'
import { requireVerb, type Target } from './target.ts'

const comma = Buffer.from(',')
const end = Buffer.from(']}\n')

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
  const body = listBody(exchange, { ...handling, transform: negotiated.transform }, page)
  if (negotiated.format === 'json' && !wantsPretty(exchange)) {
    await respond(exchange, { code: 200, contentType: 'application/json', body })
  } else {
    await respondData(exchange, negotiated, { code: 200, data: JSON.parse(body.toString()) as unknown })
  }
}

function listBody(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext; transform: Transform | undefined },
  page: ListPage,
): Buffer {
  const { target, context } = handling
  const metadata = listMetadata(page)
  switch (handling.transform) {
    case 'Table': {
      const request = {
        definition: target.definition,
        includeObject: parseIncludeObject(exchange.query.get('includeObject')),
        now: context.clock.now(),
        metadataOf: context.metadataOf,
      }
      return Buffer.from(tableText(request, { metadata, objects: page.entries.map((entry) => entry.object) }))
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList': {
      const items = page.entries.map((entry) => context.metadataOf(entry.object)).join(',')
      const head = `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)}`
      return Buffer.from(`${head},"items":[${items}]}\n`)
    }
    case undefined:
      return concatenateList(target, metadata, page.entries)
  }
}

/** The list's JSON out of the items' own bytes: nothing is serialised again. */
function concatenateList(target: Target, metadata: ListMeta, entries: ListPage['entries']): Buffer {
  const { definition } = target
  const head = Buffer.from(
    `{"kind":"${definition.kind}List","apiVersion":"${apiVersionOf(definition)}","metadata":${JSON.stringify(metadata)},"items":[`,
  )
  let length = head.length + end.length + Math.max(0, entries.length - 1)
  for (const entry of entries) length += entry.bytes.length
  const body = Buffer.allocUnsafe(length)
  body.set(head, 0)
  let at = head.length
  for (const [index, entry] of entries.entries()) {
    if (index > 0) at += comma.copy(body, at)
    body.set(entry.bytes, at)
    at += entry.bytes.length
  }
  body.set(end, at)
  return body
}
