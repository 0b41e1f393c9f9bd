import { localPriority } from '../aggregation/group-priorities.ts'
import type { RemoteVersion } from '../aggregation/remote-discovery.ts'
import type { KindDefinition } from '../../registry/kind.ts'

/** The order in which kube-apiserver lists its groups; others follow, in order of name. */
const upstreamOrder = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
]

/** One version of a group with its kinds, by plural name. */
export interface ServedVersion {
  group: string
  version: string
  kinds: KindDefinition[]
  /** What an extension API server says of it, when it is one's; `kinds` is empty then. */
  remote?: RemoteVersion
}

/** One group; the first version is the preferred one. */
export interface ServedGroup {
  group: string
  versions: ServedVersion[]
}

/** Sorts versions as upstream does: GA before beta before alpha, higher numbers first; other names last. */
function compareVersions(a: string, b: string): number {
  const rank = (version: string): number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
    if (!match) return [0, 0, 0]
    return [match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1, Number(match[1]), Number(match[3] ?? 0)]
  }
  const left = rank(a)
  const right = rank(b)
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return right[i]! - left[i]!
  return a < b ? -1 : a > b ? 1 : 0
}

/** Arranges kinds by group (upstream's order), version (preferred first) and plural name. */
export function arrangeKinds(kinds: KindDefinition[]): ServedGroup[] {
  const groups = new Map<string, Map<string, KindDefinition[]>>()
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, KindDefinition[]>()
    groups.set(kind.group, versions)
    versions.set(kind.version, [...(versions.get(kind.version) ?? []), kind])
  }
  return [...groups]
    .map(([group, versions]) => ({
      group,
      versions: [...versions]
        .map(([version, list]) => ({ group, version, kinds: list.toSorted(byPlural) }))
        .sort((a, b) => compareVersions(a.version, b.version)),
    }))
    .sort((a, b) => position(a.group) - position(b.group) || (a.group < b.group ? -1 : 1))
}

/** Adds what extension API servers serve, each group and version in its place by priority (upstream: SortedByGroupAndVersion). */
export function withRemote(local: ServedGroup[], remotes: readonly RemoteVersion[]): ServedGroup[] {
  if (remotes.length === 0) return local
  const groups = new Map(local.map((served) => [served.group, [...served.versions]]))
  for (const remote of remotes) {
    const { group, version } = remote
    const versions = (groups.get(group) ?? []).filter((served) => served.version !== version)
    groups.set(group, [...versions, { group, version, kinds: [], remote }])
  }
  const versionPriority = ({ group, version, remote }: ServedVersion): number =>
    remote?.versionPriority ?? localPriority(group, version).version
  const groupPriority = ({ versions }: ServedGroup): number =>
    Math.max(
      ...versions.map(
        ({ group, version, remote }) => remote?.groupPriority ?? localPriority(group, version).group,
      ),
    )
  return [...groups]
    .map(([group, versions]) => ({
      group,
      versions: versions.sort(
        (a, b) => versionPriority(b) - versionPriority(a) || compareVersions(a.version, b.version),
      ),
    }))
    .sort((a, b) => groupPriority(b) - groupPriority(a))
}

function byPlural(a: KindDefinition, b: KindDefinition): number {
  return a.names.plural < b.names.plural ? -1 : 1
}

function position(group: string): number {
  const index = upstreamOrder.indexOf(group)
  return index < 0 ? upstreamOrder.length : index
}
