import { apiVersionOf, parseApiVersion } from '../../api/gvk.ts'
import { DecodeError } from '../schema/decode-error.ts'
import type { SchemaCompiler } from '../schema/kind-schema.ts'
import type { BodyType } from './body-type.ts'

/** Upstream's groups in one scheme, with the versions that it reads though nothing is served in them any more. */
const legacyGroups: Record<string, readonly string[]> = {
  '': [],
  'admissionregistration.k8s.io': ['v1beta1', 'v1alpha1'],
  apps: ['v1beta1', 'v1beta2'],
  'authentication.k8s.io': ['v1beta1', 'v1alpha1'],
  'authorization.k8s.io': ['v1beta1'],
  autoscaling: [],
  batch: ['v1beta1'],
  'certificates.k8s.io': ['v1beta1', 'v1alpha1'],
  'coordination.k8s.io': ['v1beta1', 'v1alpha2'],
  'discovery.k8s.io': ['v1beta1'],
  'events.k8s.io': ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1beta1', 'v1beta2', 'v1beta3'],
  'networking.k8s.io': ['v1beta1'],
  'node.k8s.io': ['v1beta1', 'v1alpha1'],
  policy: ['v1beta1'],
  'rbac.authorization.k8s.io': ['v1beta1', 'v1alpha1'],
  'resource.k8s.io': ['v1beta1', 'v1beta2', 'v1alpha3'],
  'scheduling.k8s.io': ['v1beta1', 'v1alpha2'],
  'storage.k8s.io': ['v1beta1', 'v1alpha1'],
}

const legacyScheme = { name: 'pkg/api/legacyscheme/scheme.go:30', groups: legacyGroups }

const schemes: Record<string, typeof legacyScheme> = {
  'apiextensions.k8s.io': {
    name: 'k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55',
    groups: { 'apiextensions.k8s.io': ['v1beta1'] },
  },
  'apiregistration.k8s.io': {
    name: 'k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28',
    groups: { 'apiregistration.k8s.io': ['v1beta1'] },
  },
}

const packages: Record<string, string> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}

/** Kinds of every group's version, and of v1 alone. */
const metaKinds = new Set(
  ['Create', 'Delete', 'Get', 'List', 'Patch', 'Update'].map((verb) => `${verb}Options`).concat('WatchEvent'),
)
const coreMetaKinds = new Set(['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status'])

interface GivenKind {
  apiVersion: string
  kind: string
}

/**
 * Why a body or a patched document that claims to be of a kind cannot be read as one of this type, in the words of upstream's decoder
 * (apimachinery: runtime/serializer/json and versioning); undefined where it can, though perhaps in another version.
 */
export function foreignType(
  type: BodyType,
  { apiVersion, kind }: GivenKind,
  body: unknown,
): string | undefined {
  if (kind === type.kind && apiVersion === apiVersionOf(type)) return undefined
  const { name: scheme, groups } = schemes[type.group] ?? legacyScheme
  const { group, version } = parseApiVersion(apiVersion)
  const isMeta = metaKinds.has(kind) || (apiVersion === 'v1' && coreMetaKinds.has(kind))
  const schema = schemaName(type.schemas, groups, { group, version, kind })
  const isRegistered =
    schema !== undefined || (isMeta && (apiVersion === 'v1' || Object.hasOwn(groups, group)))
  if (!isRegistered)
    return `no kind ${quoted(kind)} is registered for version ${quoted(apiVersion)} in scheme ${quoted(scheme)}`
  if (schema === undefined) return unknownConversion({ version, kind }, type)
  try {
    type.schemas.compile(schema).decode(body)
  } catch (error) {
    if (error instanceof DecodeError) return error.message
    throw error
  }
  const isSame = kind === type.kind && internalPackage(group) === internalPackage(type.group)
  return isSame ? undefined : unknownConversion({ version, kind }, type)
}

/** What upstream says of a kind without an apiVersion, which it takes for one of its internal types. */
export function unregisteredInternal({ group }: BodyType, kind: string): string {
  const { name } = schemes[group] ?? legacyScheme
  return `no kind ${quoted(kind)} is registered for the internal version of group ${quoted(group)} in scheme ${quoted(name)}`
}

const quoted = (text: string): string => JSON.stringify(text)

function unknownConversion(from: { version: string; kind: string }, to: BodyType): string {
  return `converting (${from.version}.${from.kind}) to (${internalPackage(to.group)}.${to.kind}): unknown conversion`
}

/** The Go package of a group's internal types; events of both groups are core's. */
function internalPackage(group: string): string {
  return group === '' || group === 'events.k8s.io' ? 'core' : group.split('.')[0]!
}

/** The schema by which a registered kind is read, that of the served version for those that are no longer served. */
function schemaName(
  schemas: SchemaCompiler,
  groups: Record<string, readonly string[]>,
  { group, version, kind }: { group: string; version: string; kind: string },
): string | undefined {
  const olderVersions = Object.hasOwn(groups, group) ? groups[group] : undefined
  if (!olderVersions) return undefined
  const name = `${packages[group] ?? `io.k8s.api.${group.split('.')[0]!}`}.${olderVersions.includes(version) ? 'v1' : version}.${kind}`
  if (!schemas.has(name)) return undefined
  const { node } = schemas.compile(name)
  return node.kind === 'struct' && node.fields.has('apiVersion') ? name : undefined
}
