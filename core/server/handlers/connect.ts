import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest } from '../../api/status.ts'
import { requireAccess } from '../filters/authorization.ts'
import { admitStream } from '../streaming/connection-admission.ts'
import { upgradeRequired } from '../streaming/streaming-handler.ts'
import { checkLocation } from '../streaming/stream-target.ts'
import type { VerbHandler } from './handler-context.ts'
import { requireNode } from './require-node.ts'
import { requireName } from './target.ts'

/**
 * Refuses a request to `exec`, `attach` or `portforward` that asks for no upgrade: for the first thing that is wrong with it, as
 * one with an upgrade is, and at last for that (upstream: handlers.ConnectResource, then the Connect of each subresource).
 */
export const refuseConnection: VerbHandler = async (exchange, target, context) => {
  const { query, user, audit, info } = exchange
  if (query.getAll('dryRun').some((value) => value !== '')) throw badRequest('dryRun is not supported')
  const { namespace = '', name } = requireName(target)
  const { subresource = '' } = target
  await admitStream(context, { namespace, name, subresource, query }, { user, audit })
  await requireAccess(context.authorizer, { ...info, verb: 'create' }, user)
  const { object } = await target.resource.get(namespace, name)
  const pod = object as Pod
  checkLocation(pod, subresource, query)
  const { nodeName = '' } = pod.spec
  if (!context.nodeBackends(nodeName)) await requireNode(context.registry, nodeName)
  throw upgradeRequired()
}
