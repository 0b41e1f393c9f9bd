import { ArrayList } from './containers.ts'
import { equals, itemKey } from './equality.ts'
import { JsonList } from './json-values.ts'
import { CelMap } from './value.ts'
import type { CelList, CelValue } from './value.ts'

/**
 * Joins two lists; sets and maps of a schema take up what they do not hold, and a map's items of the same key are
 * replaced (upstream: pkg/cel/common/values.go Add).
 */
export function joinLists(a: CelList, b: CelList): CelList {
  const type = a instanceof JsonList ? a.type : undefined
  if (type?.listType === 'set') {
    const held = [...a]
    return new ArrayList([...held, ...[...b].filter((item) => !held.some((one) => equals(one, item)))])
  }
  if (type?.listType === 'map') return joinByKey(a, b, type.mapKeys ?? [])
  return new ArrayList([...a, ...b])
}

function joinByKey(a: CelList, b: CelList, keys: readonly string[]): CelList {
  const items: CelValue[] = [...a]
  const places = new Map(items.map((item, index) => [itemKey(item, keys), index]))
  for (const item of b) {
    const place = item instanceof CelMap ? places.get(itemKey(item, keys)) : undefined
    if (place === undefined) items.push(item)
    else items[place] = item
  }
  return new ArrayList(items)
}
