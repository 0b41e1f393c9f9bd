import { apiVersionOf } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { respondData } from '../responses/object.ts'
import { expectedBodyOf, servedSubresources, type ServedSubresource } from '../subresources.ts'
import type { TokenIssuer } from '../../auth/tokens.ts'
import type { Registry, WriteOptions } from '../../registry/registry.ts'
import { evictPod } from './eviction.ts'
import { writeSource, type VerbHandler } from './handler-context.ts'
import { requireName, verbRefused, type Target } from './target.ts'
import type { OwnSubresource } from './own-subresource.ts'
import { createToken } from './token-request.ts'
import { parseWriteOptions } from './write-options.ts'

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/**
 * Creates a subresource, for every transport: a token or eviction by the server itself, anything else by the kind.
 * Answers with what upstream answers: the TokenRequest, or a Success Status. Throws 405 when the kind has no such
 * subresource to create.
 */
export async function createSubresource(
  services: { registry: Registry; tokenIssuer: TokenIssuer },
  target: Target,
  call: { body: unknown; options: WriteOptions },
): Promise<object> {
  const ref = requireName(target)
  const { definition, subresource, resource } = target
  const served = servedSubresources(definition).find(({ name }) => name === subresource)
  if (!served?.verbs.includes('create')) {
    throw verbRefused(definition, 'create')
  }
  const { options } = call
  if (!served.isOwn) {
    await resource.createSubresource(ref, call.body as KubeObject, options)
    return success
  }
  const own: OwnSubresource = { ...services, resource, ref, served, body: newest(call.body, served), options }
  if (subresource === 'token') return createToken(own)
  await evictPod(own)
  return success
}

/** A body of the older version that upstream takes too (GroupVersionAcceptor), as one of the version that is served. */
function newest(body: unknown, { kind, olderVersion }: ServedSubresource): KubeObject {
  const older = olderVersion && apiVersionOf({ group: kind.group, version: olderVersion })
  const isOlder = older !== undefined && (body as Partial<KubeObject> | undefined)?.apiVersion === older
  return isOlder ? { ...(body as KubeObject), apiVersion: apiVersionOf(kind) } : (body as KubeObject)
}

/** POST to a subresource such as `binding`, `eviction` or `token`. */
export const handleCreateSubresource: VerbHandler = async (exchange, target, context) => {
  const { object, problems } = await context.decoder.readObject(exchange, expectedBodyOf(target))
  const options = parseWriteOptions(writeSource(exchange, context.clock), 'CreateOptions', {
    decodeProblems: problems,
    subresource: target.subresource,
  })
  const data = await createSubresource(context, target, { body: object, options })
  const form = context.negotiate(exchange.header('accept'), target)
  await respondData(exchange, form, { code: 201, data })
}
