import { parseExactJson } from '../../api/exact-json.ts'
import type { KubeObject } from '../../api/meta.ts'
import { customScaleColumns, scaleColumns } from '../../kinds/scale-columns.ts'
import { isCustom, type Column } from '../../registry/kind.ts'
import type { Exchange } from '../exchange.ts'
import { partialObjectMetadata } from '../responses/metadata-only.ts'
import { jsonOf, respondBytes, respondData } from '../responses/object.ts'
import { respond } from '../responses/respond.ts'
import { parseIncludeObject, tableBytes } from '../responses/table.ts'
import { wrongShape } from '../responses/wrong-shape.ts'
import type { HandlerContext } from './handler-context.ts'
import type { Target } from './target.ts'

/** A Scale is a kind of its own, whatever it is the scale of. */
function columnsOf({ definition, subresource }: Target): readonly Column<KubeObject>[] {
  if (subresource !== 'scale') return definition.columns
  return isCustom(definition) ? customScaleColumns : scaleColumns
}

/** Sends one object in the form the client asked for: whole, as a Table of one row, or metadata only. */
export async function respondObject(
  exchange: Exchange,
  handling: { target: Target; context: HandlerContext },
  answer: { code: number; object: KubeObject; bytes: Uint8Array | undefined },
): Promise<void> {
  const { target, context } = handling
  const negotiated = context.negotiate(exchange.header('accept'), target)
  const { transform, version = 'v1' } = negotiated
  if (!transform) return respondBytes(exchange, negotiated, answer)
  const refusal = wrongShape(negotiated, target.definition, false)
  if (refusal) throw refusal
  if (negotiated.format === 'protobuf') {
    const data = partialObjectMetadata(answer.object, version)
    return respondData(exchange, negotiated, { code: answer.code, data })
  }
  const text =
    transform === 'PartialObjectMetadata'
      ? context.metadataOf(answer.object, version)
      : tableBytes(
          {
            columns: columnsOf(target),
            version,
            includeObject: parseIncludeObject(exchange.query.get('includeObject')),
            now: context.clock.now(),
            rowOf: context.rowOf,
          },
          {
            metadata: { resourceVersion: answer.object.metadata.resourceVersion ?? '' },
            items: [{ ...answer, bytes: jsonOf(answer) }],
          },
        ).toString()
  if (negotiated.format === 'yaml') {
    const object = parseExactJson(text) as KubeObject
    return respondData(exchange, negotiated, { code: answer.code, data: object })
  }
  await respond(exchange, { code: answer.code, contentType: 'application/json', body: `${text}\n` })
}
