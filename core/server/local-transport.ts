import type { GroupVersionResource } from '../api/gvk.ts'
import { apiVersionOf } from '../api/gvk.ts'
import type { KubeList, KubeObject } from '../api/meta.ts'
import type { UserInfo } from '../api/request.ts'
import { badRequest, pageNotFound } from '../api/status.ts'
import { SelectorError } from '../api/selectors.ts'
import type { TokenIssuer } from '../auth/tokens.ts'
import type { PatchBody, Registry, RegistryEvent, ResourceRegistry } from '../registry/registry.ts'
import type { Clock } from '../util/clock.ts'
import type { AuditRecord } from './audit/audit-record.ts'
import type { SelfRequests } from './metrics/self-requests.ts'
import { programOf, type LocalCall } from './local-request.ts'
import { cloneData } from './body/clone-data.ts'
import { createSubresource } from './handlers/create-subresource.ts'
import { parseDeleteOptions } from './handlers/delete-options.ts'
import { answersWithObject, deletedStatus } from './handlers/delete.ts'
import { listMetadata } from './handlers/list.ts'
import { parseListQuery, parseReadOptions, parseWatchQuery } from './handlers/read-queries.ts'
import type { Target } from './handlers/target.ts'
import { noQuery } from './no-query.ts'
import { contextOf, isForced, parseWriteOptions, type WriteSource } from './handlers/write-options.ts'

interface LocalWatchCall {
  resource: GroupVersionResource
  namespace?: string
  query?: Record<string, string>
  signal: AbortSignal
}

/** Structurally the `Transport` of core/client/transport.ts. */
export interface LocalTransport {
  /** `audit` is the record of the call where it is audited. */
  call(call: LocalCall, audit?: AuditRecord): Promise<KubeObject | KubeList>
  watch(call: LocalWatchCall, onEvents: (events: RegistryEvent[]) => void, audit?: AuditRecord): Promise<void>
}

/** What local transports share. */
export interface LocalServices {
  registry: Registry
  tokenIssuer: TokenIssuer
  clock: Clock
  /** Counts the calls; left out: nobody does. */
  requests?: SelfRequests
}

/**
 * A transport for parts that live in the server's process: the same registry, admission and validation as over HTTP,
 * under the given user, without HTTP or JSON. Answers are the store's own objects and must not be mutated; bodies are
 * copied. Failures are StatusErrors.
 */
export function createLocalTransport(services: LocalServices, user: UserInfo): LocalTransport {
  const userAgent = programOf(user)
  return {
    async call(call, audit) {
      call.signal?.throwIfAborted()
      services.requests?.called(call)
      return withStatusErrors(() => perform(services, { user, userAgent, audit }, call))
    },
    watch(call, onEvents, audit) {
      services.requests?.watched(call.resource)
      const onOpen = (): void => audit?.started(200)
      return withStatusErrors(() => watch(services.registry, call, { onEvents, onOpen }))
    },
  }
}

async function withStatusErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof SelectorError ? badRequest(error.message) : error
  }
}

function findResource(
  registry: Registry,
  { group, version, resource }: GroupVersionResource,
): ResourceRegistry {
  const found = registry.resource(group, version, resource)
  if (!found) throw pageNotFound()
  return found
}

function queryOf(query: Record<string, string> | undefined): URLSearchParams {
  return query && Object.keys(query).length > 0 ? new URLSearchParams(query) : noQuery
}

interface Performed {
  services: LocalServices
  call: LocalCall
  target: Target
  query: URLSearchParams
  source: WriteSource
}

async function perform(
  services: LocalServices,
  caller: Pick<WriteSource, 'user' | 'userAgent' | 'audit'>,
  call: LocalCall,
): Promise<KubeObject | KubeList> {
  const resource = findResource(services.registry, call.resource)
  const { definition } = resource
  const namespace = definition.namespaced ? call.namespace || undefined : undefined
  const target: Target = {
    resource,
    definition,
    namespace,
    name: call.name ?? '',
    subresource: call.subresource,
  }
  const query = queryOf(call.query)
  const source: WriteSource = {
    query,
    ...caller,
    now: services.clock.now(),
    warn: () => undefined,
  }
  const performed = { services, call, target, query, source }
  switch (call.verb) {
    case 'get': {
      const options = { ...parseReadOptions(query), subresource: call.subresource }
      return (await resource.get(namespace, requireName(call), options)).object
    }
    case 'list':
      return toList(target, await resource.list(parseListQuery(query, { namespace })))
    case 'create':
      return create(performed)
    case 'update':
      return update(performed)
    case 'patch':
      return patch(performed)
    case 'delete':
      return remove(performed)
    case 'deletecollection': {
      const { request, dryRun } = parseDeleteOptions(call.body, query)
      const options = { context: contextOf(source, dryRun) }
      return toList(
        target,
        await resource.deleteCollection(parseListQuery(query, { namespace }), request, options),
      )
    }
  }
}

function requireName(call: LocalCall): string {
  if (!call.name) throw badRequest('name must be provided')
  return call.name
}

function toList(target: Target, page: Awaited<ReturnType<ResourceRegistry['list']>>): KubeList {
  return {
    apiVersion: apiVersionOf(target.definition),
    kind: target.definition.names.listKind ?? `${target.definition.kind}List`,
    metadata: listMetadata(page),
    items: page.entries.map((entry) => entry.object),
  }
}

async function create({ services, call, target, source }: Performed): Promise<KubeObject> {
  const { subresource } = target
  const body = cloneData(call.body) as KubeObject
  const options = parseWriteOptions(source, 'CreateOptions', { subresource })
  if (subresource) return (await createSubresource(services, target, { body, options })) as KubeObject
  return (await target.resource.create(target.namespace, body, options)).object
}

async function update({ call, target, source }: Performed): Promise<KubeObject> {
  const body = cloneData(call.body) as KubeObject
  const ref = { namespace: target.namespace, name: requireName(call) }
  const options = parseWriteOptions(source, 'UpdateOptions', { subresource: target.subresource })
  return (await target.resource.update(ref, body, options)).object
}

async function patch({ call, target, source, query }: Performed): Promise<KubeObject> {
  const body = cloneData(call.body)
  const type = call.patchType ?? 'strategic'
  const patchBody: PatchBody =
    type === 'json'
      ? { type, operations: body }
      : type === 'apply'
        ? { type, patch: body, force: isForced(query) }
        : { type, patch: body }
  const options = parseWriteOptions(source, 'PatchOptions', {
    subresource: target.subresource,
    isApply: type === 'apply',
  })
  return (
    await target.resource.patch({ namespace: target.namespace, name: requireName(call) }, patchBody, options)
  ).object
}

async function remove({ call, target, source, query }: Performed): Promise<KubeObject> {
  const { request, dryRun } = parseDeleteOptions(call.body, query)
  const ref = { namespace: target.namespace, name: requireName(call) }
  const result = await target.resource.delete(ref, request, { context: contextOf(source, dryRun) })
  return answersWithObject(target.definition, result)
    ? result.object
    : (deletedStatus(target.definition, result.object) as unknown as KubeObject)
}

async function watch(
  registry: Registry,
  call: LocalWatchCall,
  { onEvents, onOpen }: { onEvents: (events: RegistryEvent[]) => void; onOpen: () => void },
): Promise<void> {
  const { signal } = call
  if (signal.aborted) return
  const resource = findResource(registry, call.resource)
  const namespace = resource.definition.namespaced ? call.namespace || undefined : undefined
  const ended = Promise.withResolvers<void>()
  // It is awaited below; it may fail before.
  ended.promise.catch(() => undefined)
  let hasFailed = false
  const running = await resource.watch(parseWatchQuery(queryOf(call.query), { namespace }), {
    // Events may come in a turn that nobody waits for: what fails over them ends this watch, not the process.
    onEvents: (events) => {
      if (signal.aborted || hasFailed) return
      try {
        onEvents(events)
      } catch (error) {
        hasFailed = true
        ended.reject(error as Error)
      }
    },
    onEnd: (error) => (error ? ended.reject(error) : ended.resolve()),
  })
  onOpen()
  const stop = (): void => ended.resolve()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    await ended.promise
  } finally {
    signal.removeEventListener('abort', stop)
    running.close()
  }
}
