import type { ObjectMeta } from './meta.ts'

/** The fields in the order of upstream's struct (apimachinery: meta/v1 ObjectMeta), which is that of its JSON. */
const order = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const

/** A copy with its fields, and the keys of its maps, in the order in which Go writes them. */
export function orderedMetadata(metadata: ObjectMeta): ObjectMeta {
  const ordered: Record<string, unknown> = {}
  const given = metadata as unknown as Record<string, unknown>
  for (const name of order) {
    const value = given[name]
    if (value === undefined) continue
    ordered[name] =
      name === 'labels' || name === 'annotations' ? sortedMap(value as Record<string, string>) : value
  }
  return ordered as unknown as ObjectMeta
}

function sortedMap(map: Record<string, string>): Record<string, string> {
  let last = ''
  for (const key in map) {
    if (key < last) return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
    last = key
  }
  return map
}
