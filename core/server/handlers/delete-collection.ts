import { readDeletion } from './delete.ts'
import type { VerbHandler } from './handler-context.ts'
import { respondList } from './list.ts'
import { parseListQuery } from './read-queries.ts'
import { requireVerb } from './target.ts'

/** DELETE of a collection: answers with the list of what was deleted, as upstream. */
export const handleDeleteCollection: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'deletecollection')
  const query = parseListQuery(exchange.query, { namespace: target.namespace })
  const { request, options } = await readDeletion(exchange, context)
  const page = await target.resource.deleteCollection(query, request, options)
  await respondList(exchange, { target, context }, page)
}
