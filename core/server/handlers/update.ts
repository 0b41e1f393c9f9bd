import { authorizeCreate, writeSource, type VerbHandler } from './handler-context.ts'
import { respondObject } from './respond-object.ts'
import { requireName, requireVerb } from './target.ts'
import { expectedBodyOf } from '../subresources.ts'
import { parseWriteOptions } from './write-options.ts'

/** PUT of an object or of its status, scale or other subresource. */
export const handleUpdate: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'update')
  const ref = requireName(target)
  const { subresource } = target
  const { object, problems } = await context.decoder.readObject(exchange, expectedBodyOf(target))
  const options = parseWriteOptions(writeSource(exchange, context.clock), 'UpdateOptions', {
    decodeProblems: problems,
    subresource,
  })
  options.authorizeCreate = authorizeCreate(exchange, context)
  const result = await target.resource.update(ref, object, options)
  await respondObject(
    exchange,
    { target, context },
    { code: result.created ? 201 : 200, object: result.object, bytes: result.bytes },
  )
}
