import type { KubeObject } from '../../api/meta.ts'
import type { Exchange } from '../exchange.ts'
import { createNegotiator } from '../responses/negotiation.ts'
import { respondBytes } from '../responses/object.ts'
import { respond } from '../responses/respond.ts'
import { parseIncludeObject, tablePieces } from '../responses/table.ts'
import { wrongShape } from '../responses/wrong-shape.ts'
import type { HandlerContext } from './handler-context.ts'
import type { Target } from './target.ts'

/** Reviews and their like, which are answered and never listed, have no Table (upstream: their storage has no TableConvertor). */
const negotiateUnlisted = createNegotiator(['PartialObjectMetadata', 'PartialObjectMetadataList'])

/** Sends one object in the form the client asked for: whole, as a Table of one row, or metadata only. */
export async function respondObject(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext },
  answer: { code: number; object: KubeObject; bytes: Uint8Array },
): Promise<void> {
  const { target, context } = handling
  const isListed = target.definition.withoutVerbs?.includes('list') !== true
  const negotiate = isListed ? context.negotiate : negotiateUnlisted
  const negotiated = negotiate(exchange.header('accept'))
  const { transform } = negotiated
  if (!transform) return respondBytes(exchange, negotiated, answer)
  const refusal = wrongShape(negotiated, target.definition, false)
  if (refusal) throw refusal
  const text =
    transform === 'PartialObjectMetadata'
      ? context.metadataOf(answer.object)
      : tablePieces(
          {
            definition: target.definition,
            includeObject: parseIncludeObject(exchange.query.get('includeObject')),
            now: context.clock.now(),
            rowOf: context.rowOf,
          },
          {
            metadata: { resourceVersion: answer.object.metadata.resourceVersion ?? '' },
            items: [answer],
          },
        ).join('')
  if (negotiated.format === 'yaml') {
    const object = JSON.parse(text) as KubeObject
    return respondBytes(exchange, negotiated, { code: answer.code, object, bytes: answer.bytes })
  }
  await respond(exchange, { code: answer.code, contentType: 'application/json', body: text })
}
