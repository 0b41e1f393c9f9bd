import { badRequest } from '../../api/status.ts'
import { respondObject } from './respond-object.ts'
import { writeSource, type VerbHandler } from './handler-context.ts'
import { requireVerb, verbRefused } from './target.ts'
import { expectedBodyOf } from '../subresources.ts'
import { parseWriteOptions } from './write-options.ts'

/** POST to a collection. */
export const handleCreate: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'create')
  const { definition } = target
  if (target.name) {
    throw verbRefused(definition, 'create')
  }
  if (definition.namespaced && !target.namespace) {
    throw badRequest('an empty namespace may not be set during creation')
  }
  const { object, problems } = await context.decoder.readObject(exchange, expectedBodyOf(target))
  const options = parseWriteOptions(writeSource(exchange, context.clock), 'CreateOptions', {
    decodeProblems: problems,
  })
  const result = await target.resource.create(target.namespace, object, options)
  await respondObject(
    exchange,
    { target, context },
    { code: 201, object: result.object, bytes: result.bytes },
  )
}
