import type { GroupVersionKind } from '../../api/gvk.ts'
import type { KindDefinition } from '../../registry/kind.ts'

const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

/** Schemas of metav1 types that documents name themselves. */
export const metaSchemas = {
  apiGroup: `${metaPrefix}APIGroup`,
  apiGroupList: `${metaPrefix}APIGroupList`,
  apiResourceList: `${metaPrefix}APIResourceList`,
  apiVersions: `${metaPrefix}APIVersions`,
  deleteOptions: `${metaPrefix}DeleteOptions`,
  listMeta: `${metaPrefix}ListMeta`,
  objectMeta: `${metaPrefix}ObjectMeta`,
  patch: `${metaPrefix}Patch`,
  status: `${metaPrefix}Status`,
  typeMeta: `${metaPrefix}TypeMeta`,
  watchEvent: `${metaPrefix}WatchEvent`,
}

/** The name of a kind's schema: its built-in one, or made of the reversed group (upstream: ToRESTFriendlyName). */
export function schemaNameOf(definition: KindDefinition): string {
  const { schema, kind } = definition
  return typeof schema === 'string' ? schema : customName(definition, kind)
}

/** The name of the schema of a kind's lists. */
export function listSchemaNameOf(definition: KindDefinition): string {
  const { schema, kind, names } = definition
  const listKind = names.listKind ?? `${kind}List`
  if (typeof schema !== 'string') return customName(definition, listKind)
  return schema.slice(0, -kind.length) + listKind
}

function customName({ group, version }: KindDefinition, kind: string): string {
  // Go types, too, but of an API that is no part of Kubernetes' own server.
  if (group === 'metrics.k8s.io') return `io.k8s.metrics.pkg.apis.metrics.${version}.${kind}`
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`
}

/** The name of the schema of a kind of Kubernetes' own: the package is the group's first label. */
export function schemaNameOfKind({ group, version, kind }: GroupVersionKind): string {
  return `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}.${version}.${kind}`
}
