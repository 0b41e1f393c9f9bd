import { methodNotAllowed, notFound, pageNotFound } from '../../api/status.ts'
import { isCustom } from '../../registry/kind.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { labelsOf } from '../metrics/request-labels.ts'
import { isProxyRequest } from '../proxy/proxy-subresource.ts'
import { isLongRunning } from '../request-info.ts'
import { streamingSubresources } from '../streaming/streaming-handler.ts'
import { producedTypes } from '../responses/negotiation.ts'
import { listedTypes, logTypes, requireProduced } from '../responses/produced.ts'
import { servedSubresources } from '../subresources.ts'
import { refuseConnection } from './connect.ts'
import { handleCreateSubresource } from './create-subresource.ts'
import { handleCreate } from './create.ts'
import { handleDeleteCollection } from './delete-collection.ts'
import { handleDelete } from './delete.ts'
import { handleGet } from './get.ts'
import type { HandlerContext, VerbHandler } from './handler-context.ts'
import { handleList } from './list.ts'
import { handlePatch } from './patch.ts'
import { handlePodLog } from './pod-log.ts'
import { findTarget, unknownUnder, verbRefused, type Target } from './target.ts'
import { handleUpdate } from './update.ts'
import { handleWatch } from './watch.ts'

const verbHandlers: Record<string, VerbHandler> = {
  get: handleGet,
  list: handleList,
  watch: handleWatch,
  create: handleCreate,
  update: handleUpdate,
  patch: handlePatch,
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
}
const subresourceHandlers: Record<string, VerbHandler> = {
  get: handleGet,
  create: handleCreateSubresource,
  update: handleUpdate,
  patch: handlePatch,
}

function chooseHandler(target: Target, verb: string): VerbHandler {
  const { definition, subresource } = target
  const gr = { group: definition.group, resource: definition.names.plural }
  if (!subresource) {
    const handler = Object.hasOwn(verbHandlers, verb) ? verbHandlers[verb] : undefined
    if (!handler) throw verbRefused(definition, verb)
    return handler
  }
  const served = servedSubresources(definition).find(({ name }) => name === subresource)
  // Custom resources look for a subresource as for an object (upstream: customresource_handler.go).
  if (!served) throw isCustom(definition) ? notFound(gr, target.name) : pageNotFound()
  if (!served.verbs.includes(verb)) throw verbRefused(definition, verb)
  if (definition.group === '' && definition.names.plural === 'pods') {
    if (subresource === 'log') return handlePodLog
    if (streamingSubresources.includes(subresource)) return refuseConnection
  }
  return subresourceHandlers[verb] ?? refuseVerb
}

const refuseVerb: VerbHandler = async (_exchange, { definition }) => {
  throw verbRefused(definition, 'this verb')
}

/** Answers every resource request by its verb and subresource. */
export function createResourceHandler(context: HandlerContext): Handler {
  return async (exchange) => {
    const { info } = exchange
    if (isProxyRequest(info)) {
      exchange.isServed = true
      return longRunning(exchange, context, () => context.proxy(exchange))
    }
    const target = findTarget(context.registry, info)
    // Routes of built-in kinds know no HEAD.
    if (exchange.method === 'HEAD' && !isCustom(target.definition)) throw methodNotAllowed()
    // What begins with `watch` is a GET; `proxy` once began paths, too.
    if (info.verb === 'proxy') throw unknownUnder(info.apiGroup)
    if (info.verb === 'watch' && exchange.method !== 'GET') throw methodNotAllowed()
    const handler = chooseHandler(target, info.verb)
    if (!isCustom(target.definition) && handler !== refuseConnection)
      requireProduced(exchange, routeTypes(target, info.verb))
    // Nothing is done for who cannot be answered.
    if (answersObject(target, info.verb)) context.negotiate(exchange.header('accept'), target)
    exchange.isServed = true
    if (target.definition.deprecationWarning) noteDeprecation(exchange, target, context)
    if (!isLongRunning(info, exchange.query)) return handler(exchange, target, context)
    await longRunning(exchange, context, () => handler(exchange, target, context))
  }
}

function noteDeprecation(exchange: Exchange, { definition }: Target, context: HandlerContext): void {
  const { apiGroup: group, apiVersion: version, resource, subresource } = exchange.info
  exchange.warn(definition.deprecationWarning!)
  exchange.audit?.annotate('k8s.io/deprecated', 'true')
  // Of what is deprecated now, no release is named in which it goes.
  context.metrics.deprecatedApis.set({ group, version, resource, subresource, removed_release: '' }, 1)
}

/** Whether the answer is an object; logs and connections have their own forms, and lists and watches see to theirs. */
function answersObject({ definition, subresource }: Target, verb: string): boolean {
  if (verb === 'list' || verb === 'watch') return false
  const served = subresource && servedSubresources(definition).find(({ name }) => name === subresource)
  return !served || (!served.isConnection && served.name !== 'log')
}

function routeTypes({ subresource }: Target, verb: string): readonly string[] {
  if (verb === 'list' || verb === 'watch') return listedTypes
  return subresource === 'log' ? logTypes : producedTypes
}

async function longRunning(
  exchange: Exchange,
  context: HandlerContext,
  work: () => Promise<void>,
): Promise<void> {
  const { dry_run: _without, ...labels } = labelsOf(exchange)
  const open = context.metrics.longRunning.bind(labels)
  open.value++
  try {
    await work()
  } finally {
    open.value--
  }
}
