import type { KubeObject } from '../../api/meta.ts'
import type { Exchange } from '../exchange.ts'
import { partialObjectMetadata } from '../responses/metadata-only.ts'
import { jsonOf, respondBytes, respondData } from '../responses/object.ts'
import { respond } from '../responses/respond.ts'
import { parseIncludeObject, tablePieces } from '../responses/table.ts'
import { wrongShape } from '../responses/wrong-shape.ts'
import type { HandlerContext } from './handler-context.ts'
import type { Target } from './target.ts'

/** Sends one object in the form the client asked for: whole, as a Table of one row, or metadata only. */
export async function respondObject(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext },
  answer: { code: number; object: KubeObject; bytes: Uint8Array | undefined },
): Promise<void> {
  const { target, context } = handling
  const negotiated = context.negotiate(exchange.header('accept'), target.definition)
  const { transform } = negotiated
  if (!transform) return respondBytes(exchange, negotiated, answer)
  const refusal = wrongShape(negotiated, target.definition, false)
  if (refusal) throw refusal
  if (negotiated.format === 'protobuf') {
    const data = partialObjectMetadata(answer.object)
    return respondData(exchange, negotiated, { code: answer.code, data })
  }
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
            items: [{ ...answer, bytes: jsonOf(answer) }],
          },
        ).join('')
  if (negotiated.format === 'yaml') {
    const object = JSON.parse(text) as KubeObject
    return respondData(exchange, negotiated, { code: answer.code, data: object })
  }
  await respond(exchange, { code: answer.code, contentType: 'application/json', body: text })
}
