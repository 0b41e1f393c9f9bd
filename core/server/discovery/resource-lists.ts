import { createHash } from 'node:crypto'
import { apiVersionOf } from '../../api/gvk.ts'
import { isCustom } from '../../registry/kind.ts'
import type { KindDefinition, Verb } from '../../registry/kind.ts'
import { servedSubresources } from '../subresources.ts'
import type { Typed } from '../../registry/protobuf/encode-protobuf.ts'
import type { ServedGroup, ServedVersion } from './group-order.ts'

/** An answer about what is served. */
export type DiscoveryDocument = Typed & Record<string, unknown>

const allVerbs: Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** As upstream's discovery of custom resources has them. */
const customVerbs: Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
]
const verbsWhileTerminating: Verb[] = ['delete', 'deletecollection', 'get', 'list', 'watch']

/** The API verbs a kind offers, those of built-in kinds in alphabetical order. */
export function verbsOf(definition: KindDefinition): Verb[] {
  if (isCustom(definition)) return definition.createRefusal ? verbsWhileTerminating : customVerbs
  return allVerbs.filter((verb) => !definition.withoutVerbs?.includes(verb))
}

/** Built-in kinds that upstream stores in an older form than the one that is served (upstream: storage_factory.go). */
const storedByUpstream: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding',
}

/** A hash that names the storage form of a kind (upstream: discovery.StorageVersionHash); clients only compare it. */
function storageVersionHash(definition: KindDefinition): string {
  const { group, version, storageVersion, kind } = definition.storedAs?.definition ?? definition
  const stored = `${group}/${storageVersion ?? version}/${kind}`
  return createHash('sha256')
    .update(storedByUpstream[stored] ?? stored)
    .digest()
    .subarray(0, 8)
    .toString('base64')
}

function entriesOf(definition: KindDefinition, served: ServedVersion): object[] {
  const { names, namespaced, kind } = definition
  const main = {
    name: names.plural,
    singularName: names.singular,
    namespaced,
    kind,
    verbs: verbsOf(definition),
    ...(names.short?.length ? { shortNames: names.short } : {}),
    ...(names.categories?.length ? { categories: names.categories } : {}),
    ...(definition.isVirtual ? {} : { storageVersionHash: storageVersionHash(definition) }),
  }
  const rest = servedSubresources(definition).map((subresource) => {
    const foreign = subresource.kind.group !== served.group || subresource.kind.version !== served.version
    return {
      name: `${names.plural}/${subresource.name}`,
      singularName: '',
      namespaced,
      ...(foreign ? { group: subresource.kind.group, version: subresource.kind.version } : {}),
      kind: subresource.kind.kind,
      verbs: subresource.verbs,
    }
  })
  return [main, ...rest]
}

/** The APIResourceList of one group version. */
export function apiResourceList(served: ServedVersion): DiscoveryDocument {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(served),
    resources: served.kinds.flatMap((definition) => entriesOf(definition, served)),
  }
}

/** The APIVersions answer of `/api`. `address` is where the client reached us. */
export function apiVersions(address: string): DiscoveryDocument {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  }
}

function groupEntry({ group, versions }: ServedGroup): object {
  const list = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions: list, preferredVersion: list[0] }
}

/** The APIGroup answer of `/apis/<group>`. */
export function apiGroup(served: ServedGroup): DiscoveryDocument {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(served) }
}

/** The APIGroupList answer of `/apis`. */
export function apiGroupList(groups: ServedGroup[]): DiscoveryDocument {
  const named = groups.filter(({ group }) => group !== '')
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupEntry) }
}
