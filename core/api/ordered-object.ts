import { parseApiVersion } from './gvk.ts'
import type { KubeObject, ObjectMeta } from './meta.ts'
import { orderedMetadata } from './ordered-metadata.ts'

/** The groups of Kubernetes' own whose names have a dot; those without one are its own too. */
const builtInGroups = new Set(
  [
    'admission',
    'admissionregistration',
    'apiextensions',
    'apiregistration',
    'authentication',
    'authorization',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
    'internal.apiserver',
    'meta',
    'metrics',
    'networking',
    'node',
    'rbac.authorization',
    'resource',
    'scheduling',
    'storage',
    'storagemigration',
  ].map((name) => `${name}.k8s.io`),
)

/** Whether an object is a custom resource, by its type. */
export function isCustomResource({ apiVersion = '' }: Pick<KubeObject, 'apiVersion'>): boolean {
  const { group } = parseApiVersion(apiVersion)
  return group.includes('.') && !builtInGroups.has(group)
}

/**
 * A copy in the order in which upstream's server writes it: a built-in object with its type, its metadata and the rest, as its Go
 * struct has them; a custom resource, which is a map there, with all of its keys sorted. (Keys that are whole numbers keep the place
 * that JavaScript gives them.)
 */
export function orderedObject(object: KubeObject): KubeObject {
  if (isCustomResource(object)) return sortedKeys(object) as KubeObject
  const { kind, apiVersion, metadata, ...rest } = object
  return { kind, apiVersion, metadata: orderedMetadata(metadata), ...rest } as KubeObject
}

/** A value with the keys of all its objects sorted; the argument itself where they are. Fields of managers stay as they are. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sortedKeys)
    return items.every((item, at) => item === value[at]) ? value : items
  }
  if (typeof value !== 'object' || value === null) return value
  const given = value as Record<string, unknown>
  const keys = Object.keys(given)
  const isSorted = keys.every((key, at) => at === 0 || keys[at - 1]! < key)
  if (!isSorted) keys.sort(byCode)
  let isSame = isSorted
  const members = keys.map((key): [string, unknown] => {
    const member = given[key]
    const sorted = key === 'fieldsV1' ? member : sortedKeys(member)
    isSame &&= sorted === member
    return [key, sorted]
  })
  return isSame ? value : Object.fromEntries(members)
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** An object's metadata in the order of the struct, whatever it is the metadata of. */
export function structMetadata(object: KubeObject): ObjectMeta {
  return isCustomResource(object) ? orderedMetadata(object.metadata) : object.metadata
}
