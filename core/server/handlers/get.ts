import type { VerbHandler } from './handler-context.ts'
import { parseReadOptions } from './read-queries.ts'
import { respondObject } from './respond-object.ts'
import { requireName, requireVerb } from './target.ts'

/** GET of one object or of its status, scale or other subresource. */
export const handleGet: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'get')
  const { namespace, name } = requireName(target)
  const options = { ...parseReadOptions(exchange.query), subresource: target.subresource }
  const { object, bytes } = await target.resource.get(namespace, name, options)
  await respondObject(exchange, { target, context }, { code: 200, object, bytes })
}
