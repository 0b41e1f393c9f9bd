import type { KubeObject } from '../../api/meta.ts'
import type { Entry } from '../store.ts'

interface Item extends KubeObject {
  value?: string
}

/** An item of the namespace `ns`. */
export function item(name: string, value = ''): Item {
  return { apiVersion: 'v1', kind: 'Item', metadata: { name }, value }
}

/** Where it is stored. */
export const key = (name: string): string => `/core/items/ns/${name}`

/** The value of a stored item. */
export function valueOf(entry: Entry | undefined): string | undefined {
  const object: Item | undefined = entry?.object
  return object?.value
}

/** An update that sets the value. */
export function set(value: string): (current: Entry) => Item {
  return (current) => ({ ...current.object, value })
}
