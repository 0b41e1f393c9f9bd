import type { KubeObject } from '../../api/meta.ts'
import type { Status, StatusDetails } from '../../api/status.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import type { DeleteResult, WriteOptions } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import { respondData } from '../responses/object.ts'
import { parseDeleteOptions, type ParsedDeleteOptions } from './delete-options.ts'
import { writeSource, type HandlerContext, type VerbHandler } from './handler-context.ts'
import { respondObject } from './respond-object.ts'
import { requireName, requireVerb } from './target.ts'
import { contextOf } from './write-options.ts'

/** Reads DeleteOptions from body and query. */
export async function readDeletion(
  exchange: Exchange,
  context: HandlerContext,
): Promise<ParsedDeleteOptions & { options: WriteOptions }> {
  const body = await context.decoder.read(exchange)
  const parsed = parseDeleteOptions(body?.value ?? undefined, exchange.query)
  return { ...parsed, options: { context: contextOf(writeSource(exchange, context.clock), parsed.dryRun) } }
}

/** The Status of an object that is gone. */
export function deletedStatus(definition: KindDefinition, object: KubeObject): Status {
  const details: StatusDetails = { name: object.metadata.name, kind: definition.names.plural }
  if (definition.group) details.group = definition.group
  if (object.metadata.uid) details.uid = object.metadata.uid
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code: 200 }
}

/** Whether the answer to a deletion is the object: it stays for now, or its kind shows the last state of what is gone. */
export function answersWithObject(definition: KindDefinition, result: DeleteResult): boolean {
  return !result.gone || definition.returnsDeletedObject === true
}

/**
 * DELETE of one object: the object while it stays with its deletionTimestamp, and of kinds that show what they deleted;
 * else a Success Status. 202 for an object that stays, when the caller asked for `orphanDependents: false`.
 */
export const handleDelete: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'delete')
  const ref = requireName(target)
  const { request, options, deletesDependents } = await readDeletion(exchange, context)
  const result = await target.resource.delete(ref, request, options)
  if (answersWithObject(target.definition, result)) {
    await respondObject(
      exchange,
      { target, context },
      { code: !result.gone && deletesDependents ? 202 : 200, object: result.object, bytes: result.bytes },
    )
    return
  }
  const { code: _code, ...status } = deletedStatus(target.definition, result.object)
  exchange.audit?.responseStatus(status)
  const form = context.negotiate(exchange.header('accept'), target)
  await respondData(exchange, form, { code: 200, data: status })
}
