import type { APIGroupDiscoveryList } from '../../core/api/generated/apidiscovery-v2.ts'
import type { ServedResource } from '../kit/kind-view.ts'
import type { OpenApiSchemas } from '../kit/schema-sample.ts'
import { sendJson } from './http.ts'

interface LegacyGroups {
  kind: string
  groups?: { name: string; preferredVersion: { groupVersion: string; version: string } }[]
}
interface LegacyResources {
  resources?: { name: string; kind: string; namespaced: boolean; verbs: string[]; shortNames?: string[] }[]
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** The kinds of aggregated discovery, each in its group's preferred (first) version that has it. */
function servedOf(list: APIGroupDiscoveryList): ServedResource[] {
  const served: ServedResource[] = []
  for (const group of list.items) {
    const seen = new Set<string>()
    for (const { version, resources } of group.versions ?? []) {
      for (const resource of resources ?? []) {
        if (seen.has(resource.resource) || !resource.responseKind) continue
        seen.add(resource.resource)
        served.push({
          group: group.metadata.name ?? '',
          version,
          resource: resource.resource,
          kind: resource.responseKind.kind,
          namespaced: resource.scope === 'Namespaced',
          verbs: resource.verbs,
          subresources: (resource.subresources ?? []).map(({ subresource }) => subresource),
          shortNames: resource.shortNames ?? [],
        })
      }
    }
  }
  return served
}

function servedOfLegacy(gv: { group: string; version: string }, list: LegacyResources): ServedResource[] {
  const all = list.resources ?? []
  return all
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs, shortNames }) => ({
      ...gv,
      resource: name,
      kind,
      namespaced,
      verbs,
      subresources: all
        .filter((other) => other.name.startsWith(`${name}/`))
        .map((other) => other.name.slice(name.length + 1)),
      shortNames: shortNames ?? [],
    }))
}

async function discoverRoot(cluster: string, root: 'api' | 'apis'): Promise<ServedResource[]> {
  const base = `/clusters/${encodeURIComponent(cluster)}/k8s`
  const answer = await sendJson<APIGroupDiscoveryList | LegacyGroups>(`${base}/${root}`, {
    headers: { accept: aggregated },
  })
  if (answer.kind === 'APIGroupDiscoveryList') return servedOf(answer as APIGroupDiscoveryList)
  if (root === 'api')
    return servedOfLegacy({ group: '', version: 'v1' }, await sendJson<LegacyResources>(`${base}/api/v1`))
  const groups = (answer as LegacyGroups).groups ?? []
  const lists = await Promise.all(
    groups.map(async ({ name, preferredVersion }) =>
      servedOfLegacy(
        { group: name, version: preferredVersion.version },
        await sendJson<LegacyResources>(`${base}/apis/${preferredVersion.groupVersion}`),
      ),
    ),
  )
  return lists.flat()
}

/** The schemas of one version of a group, by name. Throws StatusError. */
export async function fetchSchemas(
  cluster: string,
  { group, version }: { group: string; version: string },
): Promise<OpenApiSchemas> {
  const path = group ? `apis/${group}/${version}` : `api/${version}`
  const document = await sendJson<{ components?: { schemas?: OpenApiSchemas } }>(
    `/clusters/${encodeURIComponent(cluster)}/k8s/openapi/v3/${path}`,
  )
  return document.components?.schemas ?? {}
}

/** Every kind a cluster serves: aggregated discovery, or the older one request per group. Throws StatusError. */
export async function discover(cluster: string): Promise<ServedResource[]> {
  const [core, groups] = await Promise.all([discoverRoot(cluster, 'api'), discoverRoot(cluster, 'apis')])
  // Both groups show the same events.
  return [
    ...core,
    ...groups.filter(({ group, resource }) => group !== 'events.k8s.io' || resource !== 'events'),
  ]
}
