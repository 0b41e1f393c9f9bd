import type { GroupVersionKind } from '../../api/gvk.ts'
import { metaSchemas } from './schema-names.ts'

/**
 * The groups and versions that Kubernetes 1.36 has Go types of, served or not: kinds that belong to all of them, such as
 * DeleteOptions, are published with each (upstream: the schemes of the API servers and of client-go).
 */
const known: Record<string, string[]> = {
  '': ['v1'],
  'admission.k8s.io': ['v1', 'v1beta1'],
  'admissionregistration.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'apiextensions.k8s.io': ['v1', 'v1beta1'],
  'apiregistration.k8s.io': ['v1', 'v1beta1'],
  apps: ['v1', 'v1beta1', 'v1beta2'],
  'authentication.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'authorization.k8s.io': ['v1', 'v1beta1'],
  autoscaling: ['v1', 'v2'],
  batch: ['v1', 'v1beta1'],
  'certificates.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'coordination.k8s.io': ['v1', 'v1alpha2', 'v1beta1'],
  'discovery.k8s.io': ['v1', 'v1beta1'],
  'events.k8s.io': ['v1', 'v1beta1'],
  extensions: ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1', 'v1beta1', 'v1beta2', 'v1beta3'],
  'imagepolicy.k8s.io': ['v1alpha1'],
  'internal.apiserver.k8s.io': ['v1alpha1'],
  'networking.k8s.io': ['v1', 'v1beta1'],
  'node.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  policy: ['v1', 'v1beta1'],
  'rbac.authorization.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'resource.k8s.io': ['v1', 'v1alpha3', 'v1beta1', 'v1beta2'],
  'scheduling.k8s.io': ['v1', 'v1alpha2', 'v1beta1'],
  'storage.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'storagemigration.k8s.io': ['v1beta1'],
}

/** Groups that client-go's own scheme, with which custom resources are published, does not have. */
const unknownToClients = new Set([
  'admission.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'imagepolicy.k8s.io',
])

/** Whose documents a schema is in: one group version of built-in kinds, custom resources, or all there is. */
export type KindScope = { group: string; version: string } | 'custom' | 'all'

const ofAllGroups = new Set([metaSchemas.deleteOptions, metaSchemas.watchEvent])
const ofCore = new Set([
  metaSchemas.apiGroup,
  metaSchemas.apiGroupList,
  metaSchemas.apiResourceList,
  metaSchemas.apiVersions,
  metaSchemas.status,
])

/**
 * The kinds that a schema of Kubernetes' own is of, as documents publish them; none for a part of objects
 * (upstream: apiserver pkg/endpoints/openapi DefinitionNamer, and filterScopedGVKs of pkg/server/routes/openapi.go).
 */
export function kindsOfSchema(
  name: string,
  schema: { properties?: object },
  scope: KindScope,
): GroupVersionKind[] {
  const [label = '', version = '', kind = ''] = name.split('.').slice(-3)
  if (ofAllGroups.has(name)) return versionsIn(scope).map((one) => ({ ...one, kind }))
  if (ofCore.has(name)) return [{ group: '', kind, version }]
  const { properties = {} } = schema
  if (!('apiVersion' in properties && 'kind' in properties && 'metadata' in properties)) return []
  const group = Object.keys(known).find((one) => one.split('.')[0] === (label === 'core' ? '' : label))
  return group === undefined ? [] : [{ group, kind, version }]
}

function versionsIn(scope: KindScope): { group: string; version: string }[] {
  const all = Object.entries(known).flatMap(([group, versions]) =>
    versions.map((version) => ({ group, version })),
  )
  if (scope === 'all') return all
  if (scope === 'custom') return all.filter(({ group }) => !unknownToClients.has(group))
  return all.filter(
    ({ group, version }) => group === '' || (group === scope.group && version === scope.version),
  )
}
