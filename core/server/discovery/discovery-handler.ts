import { createHash } from 'node:crypto'
import { notAcceptable, pageNotFound } from '../../api/status.ts'
import type { RemoteVersion } from '../aggregation/remote-discovery.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../filters/filter.ts'
import { createKindCache } from '../kind-cache.ts'
import { createMergeCache } from '../merge-cache.ts'
import { covers, parseAccept } from '../responses/accept.ts'
import { respondData } from '../responses/object.ts'
import { respond } from '../responses/respond.ts'
import { aggregatedDiscovery, type AggregatedVersion } from './aggregated.ts'
import { arrangeKinds, withRemote, type ServedGroup } from './group-order.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './resource-lists.ts'

const nothing: readonly RemoteVersion[] = []

interface Document {
  body: string
  etag: string
}

function documentOf(data: object): Document {
  const body = JSON.stringify(data)
  return { body, etag: `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"` }
}

/** What the client wants of `/api` and `/apis`: the aggregated form in a version, or the plain one. */
function wantedForm(exchange: Exchange): AggregatedVersion | 'json' | 'yaml' {
  for (const clause of parseAccept(exchange.header('accept'))) {
    const { as, g, v } = clause.parameters
    if (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && covers(clause, 'application/json')) {
      if (v === 'v2' || v === 'v2beta1') return v
    }
    if (as !== undefined) continue
    if (covers(clause, 'application/json')) return 'json'
    if (clause.mediaType === 'application/yaml') return 'yaml'
  }
  throw notAcceptable(['application/json', 'application/yaml'])
}

/**
 * Serves `/api`, `/apis`, `/apis/<group>`, `/api/v1` and `/apis/<group>/<version>` out of the served kinds. `address`
 * tells where clients reach the server.
 */
export function createDiscoveryHandler(options: {
  registry: Registry
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
      api: {
        v2: documentOf(aggregatedDiscovery(core, 'v2')),
        v2beta1: documentOf(aggregatedDiscovery(core, 'v2beta1')),
      },
      apis: {
        v2: documentOf(aggregatedDiscovery(named, 'v2')),
        v2beta1: documentOf(aggregatedDiscovery(named, 'v2beta1')),
      },
    }
  })

  return async (exchange) => {
    const form = wantedForm(exchange)
    const segments = exchange.info.path.split('/').slice(1)
    const isRoot = segments.length === 1
    if (isRoot && (form === 'v2' || form === 'v2beta1')) {
      const document = aggregated()[segments[0] === 'api' ? 'api' : 'apis'][form]
      await respondDocument(exchange, document, form)
      return
    }
    const data = plainDocument(segments, groups(), options.address())
    await respondData(exchange, { format: form === 'yaml' ? 'yaml' : 'json' }, { code: 200, data })
  }
}

async function respondDocument(
  exchange: Exchange,
  document: Document,
  version: AggregatedVersion,
): Promise<void> {
  const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
  const headers = { etag: document.etag, vary: 'Accept', 'cache-control': 'public' }
  const unchanged = exchange.header('if-none-match') === document.etag
  await respond(exchange, {
    code: unchanged ? 304 : 200,
    contentType,
    body: unchanged ? '' : document.body,
    headers,
  })
}

function plainDocument(segments: string[], groups: ServedGroup[], address: string): object {
  const [prefix, first, second] = segments
  if (prefix === 'api') {
    if (first === undefined) return apiVersions(address)
    return versionDocument(groups, '', first)
  }
  if (first === undefined) return apiGroupList(groups)
  if (second !== undefined) return versionDocument(groups, first, second)
  const served = first ? groups.find(({ group }) => group === first) : undefined
  if (!served) throw pageNotFound()
  return apiGroup(served)
}

function versionDocument(groups: ServedGroup[], group: string, version: string): object {
  const served = groups
    .find((entry) => entry.group === group)
    ?.versions.find((entry) => entry.version === version)
  if (!served) throw pageNotFound()
  return apiResourceList(served)
}
