import { createHash } from 'node:crypto'
import type { SwaggerDocument } from '../openapi/swagger-document.ts'
import type { RemoteApi } from './remote-api.ts'

/** What an extension API server says of one of its group versions, in the aggregated form. */
export interface RemoteVersion {
  group: string
  version: string
  groupPriority: number
  versionPriority: number
  resources: AggregatedResource[]
  freshness: 'Current' | 'Stale'
  /** Names its OpenAPI v3 document as it is now; undefined when it publishes none. */
  openApiHash?: string
  /** Its Swagger 2.0 document, of everything that server serves; undefined when it publishes none. */
  openApiV2?: RemoteSwaggerDocument
}

/** A resource in the form of apidiscovery.k8s.io. */
export interface AggregatedResource {
  resource: string
  responseKind: { group: string; version: string; kind: string }
  scope: 'Namespaced' | 'Cluster'
  singularResource: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  subresources?: object[]
}

interface RemoteSwaggerDocument {
  etag: string
  document: SwaggerDocument
}

interface ApiResource {
  name: string
  singularName?: string
  namespaced?: boolean
  kind: string
  group?: string
  version?: string
  verbs?: string[]
  shortNames?: string[]
  categories?: string[]
}

const timeoutMs = 5_000

/**
 * Asks an extension API server for the resources of its group version; `Stale` and without any when it fails. `before` is
 * what it said last.
 */
export async function readRemoteVersion(remote: RemoteApi, before?: RemoteVersion): Promise<RemoteVersion> {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = remote.object.spec
  const base = { group, version, groupPriority: groupPriorityMinimum, versionPriority }
  try {
    const { code, body } = await remote.get(`/apis/${group}/${version}`, { timeoutMs })
    if (code !== 200) throw new Error(`status ${code}`)
    const { resources = [] } = JSON.parse(body.toString()) as { resources?: ApiResource[] }
    const openApiHash = await readOpenApiHash(remote, `apis/${group}/${version}`)
    const openApiV2 = await readSwagger(remote, before?.openApiV2)
    return {
      ...base,
      resources: toAggregated(resources, group, version),
      freshness: 'Current',
      ...(openApiV2 ? { openApiV2 } : {}),
      ...(openApiHash === undefined ? {} : { openApiHash }),
    }
  } catch {
    // Its condition says what is wrong; discovery says only that this is not fresh.
    return { ...base, resources: [], freshness: 'Stale' }
  }
}

async function readOpenApiHash(remote: RemoteApi, path: string): Promise<string | undefined> {
  const { code, body } = await remote.get('/openapi/v3', { timeoutMs })
  if (code !== 200) return undefined
  const { paths = {} } = JSON.parse(body.toString()) as {
    paths?: Record<string, { serverRelativeURL?: string }>
  }
  const url = paths[path]?.serverRelativeURL
  if (url === undefined) return undefined
  return new URL(url, 'https://remote').searchParams.get('hash') ?? ''
}

/** The same object as before while the document is the same. */
async function readSwagger(
  remote: RemoteApi,
  before: RemoteSwaggerDocument | undefined,
): Promise<RemoteSwaggerDocument | undefined> {
  const { code, headers, body } = await remote.get('/openapi/v2', { timeoutMs, ifNoneMatch: before?.etag })
  if (code === 304) return before
  if (code !== 200) return undefined
  const etag = headers.etag ?? `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`
  if (before?.etag === etag) return before
  return { etag, document: JSON.parse(body.toString()) as SwaggerDocument }
}

/** Whether two accounts of a group version say the same. */
export function isSameVersion(a: RemoteVersion | undefined, b: RemoteVersion): boolean {
  const facts = (version: RemoteVersion): string =>
    JSON.stringify({ ...version, openApiV2: version.openApiV2?.etag })
  return a !== undefined && facts(a) === facts(b)
}

/** An APIResourceList's entries in the form of apidiscovery.k8s.io. */
function toAggregated(list: ApiResource[], group: string, version: string): AggregatedResource[] {
  const kindOf = (entry: ApiResource): AggregatedResource['responseKind'] => ({
    group: entry.group ?? group,
    version: entry.version ?? version,
    kind: entry.kind,
  })
  return list
    .filter(({ name }) => !name.includes('/'))
    .map((entry) => {
      const subresources = list
        .filter(({ name }) => name.startsWith(`${entry.name}/`))
        .map((sub) => ({
          subresource: sub.name.slice(entry.name.length + 1),
          responseKind: kindOf(sub),
          verbs: sub.verbs ?? [],
        }))
      return {
        resource: entry.name,
        responseKind: kindOf(entry),
        scope: entry.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: entry.singularName ?? '',
        verbs: entry.verbs ?? [],
        ...(entry.shortNames?.length ? { shortNames: entry.shortNames } : {}),
        ...(entry.categories?.length ? { categories: entry.categories } : {}),
        ...(subresources.length > 0 ? { subresources } : {}),
      }
    })
}
