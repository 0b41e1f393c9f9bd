import { createHash } from 'node:crypto'
import { methodNotAllowed, notAcceptable, pathNotFound } from '../../api/status.ts'
import { isBuiltInGroup } from '../aggregation/group-priorities.ts'
import { unknownUnder } from '../handlers/target.ts'
import { requireProduced } from '../responses/produced.ts'
import type { RemoteVersion } from '../aggregation/remote-discovery.ts'
import { stringifyYaml } from '../body/yaml.ts'
import type { ProtobufEncoder, Typed } from '../../registry/protobuf/encode-protobuf.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { createKindCache } from '../kind-cache.ts'
import { createMergeCache } from '../merge-cache.ts'
import { parseAccept } from '../responses/accept.ts'
import { formOf, producedTypes, typeOfForm, type AnswerForm } from '../responses/negotiation.ts'
import { respondData } from '../responses/object.ts'
import { respond } from '../responses/respond.ts'
import { aggregatedDiscovery } from './aggregated.ts'
import { arrangeKinds, withRemote, type ServedGroup } from './group-order.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './resource-lists.ts'

const nothing: readonly RemoteVersion[] = []

interface Document {
  data: Typed
  body: string
  etag: string
}

function documentOf(data: Typed): Document {
  const body = JSON.stringify(data)
  return { data, body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` }
}

/**
 * What the client wants: the aggregated document, which `/api` and `/apis` have, or the plain one. Its beta version is gone
 * in 1.36; clients that know no other take the plain one.
 */
function wantedForm(
  exchange: Exchange,
  encoder: ProtobufEncoder,
): { isAggregated: boolean; form: AnswerForm } | undefined {
  for (const clause of parseAccept(exchange.header('accept'))) {
    const { as, g, v } = clause.parameters
    const form = formOf(clause, encoder)
    if (!form) continue
    if (as === undefined) return { isAggregated: false, form }
    if (as !== 'APIGroupDiscoveryList' || g !== 'apidiscovery.k8s.io') continue
    if (v === 'v2') return { isAggregated: true, form }
  }
  return undefined
}

/**
 * Serves `/api`, `/apis`, `/apis/<group>`, `/api/v1` and `/apis/<group>/<version>` out of the served kinds. `address`
 * tells where clients reach the server.
 */
export function createDiscoveryHandler(options: {
  registry: Registry
  protobuf: ProtobufEncoder
  address: () => string
  /** What extension API servers serve; the same array as long as nothing has changed. */
  remotes?: () => readonly RemoteVersion[]
}): Handler {
  const remotes = options.remotes ?? ((): readonly RemoteVersion[] => nothing)
  const groups = createMergeCache(createKindCache(options.registry, arrangeKinds), remotes, withRemote)
  const aggregated = createMergeCache(groups, remotes, (all) => {
    const core = all.filter(({ group }) => group === '')
    const named = all.filter(({ group }) => group !== '')
    return {
      api: documentOf(aggregatedDiscovery(core)),
      apis: documentOf(aggregatedDiscovery(named)),
    }
  })

  return async (exchange) => {
    const wanted = wantedForm(exchange, options.protobuf)
    const segments = exchange.info.path.split('/').filter(Boolean)
    const isRoot = segments.length === 1
    if (isRoot && wanted?.isAggregated) {
      requireGet(exchange, segments)
      await respondDocument(exchange, wanted.form, aggregated()[segments[0] === 'api' ? 'api' : 'apis'])
      return
    }
    const data = plainDocument(segments, { ...options, groups: groups() })
    requireGet(exchange, segments)
    if (isRoute(segments)) requireProduced(exchange, producedTypes)
    if (!wanted) throw notAcceptable(producedTypes)
    const { form } = wanted
    await respondData(exchange, form, {
      code: 200,
      data: withoutOwnVersion(segments, form) ? unversioned(data) : data,
    })
  }
}

async function respondDocument(exchange: Exchange, form: AnswerForm, document: Document): Promise<void> {
  const contentType = `${typeOfForm(form)};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`
  const headers = { etag: document.etag, vary: 'Accept', 'cache-control': 'public' }
  const unchanged = exchange.header('if-none-match') === document.etag
  await respond(exchange, {
    code: unchanged ? 304 : 200,
    contentType,
    body: unchanged ? '' : bodyOf(document, form),
    headers,
  })
}

function bodyOf(document: Document, form: AnswerForm): string | Uint8Array {
  switch (form.format) {
    case 'json':
      return `${document.body}\n`
    case 'yaml':
      return stringifyYaml(document.data)
    case 'protobuf':
      return form.encoder.object(document.data)
  }
}

interface Served {
  groups: ServedGroup[]
  address: () => string
}

function plainDocument([prefix, first, second]: string[], served: Served): Typed {
  if (prefix === 'api') {
    if (first === undefined) return apiVersions(served.address())
    return versionDocument(served, '', first)
  }
  if (first === undefined) return apiGroupList(served.groups)
  if (second !== undefined) return versionDocument(served, first, second)
  const found = first ? served.groups.find(({ group }) => group === first) : undefined
  if (!found) throw pathNotFound()
  return apiGroup(found)
}

function versionDocument({ groups }: Served, group: string, version: string): Typed {
  const served = groups
    .find((entry) => entry.group === group)
    ?.versions.find((entry) => entry.version === version)
  if (!served) throw unknownUnder(group)
  return apiResourceList(served)
}

/** Whether upstream has a route for the document; those of all groups and of custom ones are answered by handlers. */
function isRoute([prefix, first, second]: string[]): boolean {
  return (
    prefix === 'api' || first === 'apiregistration.k8s.io' || (second !== undefined && isBuiltInGroup(first!))
  )
}

/** Routes have methods; what handlers answer they answer to every method. */
function requireGet({ method }: Exchange, segments: string[]): void {
  if (method !== 'GET' && isRoute(segments)) throw methodNotAllowed()
}

/** The core group's resources come without the version of their list, for clients from before it had one (upstream: legacy.go). */
function withoutOwnVersion([prefix]: string[], { format }: AnswerForm): boolean {
  return prefix === 'api' && format !== 'protobuf'
}

function unversioned({ apiVersion: _without, ...document }: Typed): Typed {
  return document
}
