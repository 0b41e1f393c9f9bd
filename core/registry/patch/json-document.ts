import { PatchError } from './patch-error.ts'

/** A JSON value that has members. */
export type Container = unknown[] | Record<string, unknown>

/** Whether a JSON value has members. */
export function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

/**
 * What holds the member that a JSON pointer names, and the member's name; undefined where there is no such place (upstream: json-patch v4
 * findObject).
 */
export function placeOf(root: Container, pointer: string): { holder: Container; key: string } | undefined {
  const [, ...keys] = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const key = keys.pop()
  if (key === undefined) return undefined
  let holder = root
  for (const part of keys) {
    const next = tryGet(holder, part)
    if (!isContainer(next)) return undefined
    holder = next
  }
  return { holder, key }
}

function tryGet(holder: Container, key: string): unknown {
  try {
    return get(holder, key)
  } catch {
    return undefined
  }
}

/** A member; undefined where an object has none. Throws for a place that a list does not have. */
export function get(holder: Container, key: string): unknown {
  if (Array.isArray(holder)) return holder[indexOf(key, holder.length, holder.length - 1)]
  return Object.hasOwn(holder, key) ? holder[key] : undefined
}

/** Puts a value in the place of a member, or makes it one of an object. Throws for a place that a list does not have. */
export function set(holder: Container, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder[indexOf(key, holder.length, holder.length - 1)] = value
  // As JSON.parse does: `__proto__` is a name like any other.
  else Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Adds a member; in a list before the one that is there, or at its end for `-`. */
export function add(holder: Container, key: string, value: unknown): void {
  if (!Array.isArray(holder)) set(holder, key, value)
  else if (key === '-') holder.push(value)
  else holder.splice(addedIndex(key, holder.length), 0, value)
}

/** Takes a member away. Throws where there is none. */
export function remove(holder: Container, key: string): void {
  if (Array.isArray(holder)) {
    holder.splice(indexOf(key, holder.length, holder.length - 1), 1)
    return
  }
  if (!Object.hasOwn(holder, key))
    throw new PatchError(`Unable to remove nonexistent key: ${key}: missing value`)
  delete holder[key]
}

function addedIndex(key: string, length: number): number {
  try {
    return indexOf(key, length + 1, length)
  } catch (error) {
    if (isInteger(key)) throw error
    throw new PatchError(`value was not a proper array index: '${key}': ${(error as Error).message}`)
  }
}

/** Negative ones count from the end, as upstream's library has it beyond RFC 6901. */
function indexOf(key: string, length: number, last: number): number {
  if (!isInteger(key)) throw new PatchError(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`)
  const index = Number(key)
  if (index > last || index < -length) {
    throw new PatchError(`Unable to access invalid index: ${index}: invalid index referenced`)
  }
  return index < 0 ? index + length : index
}

function isInteger(key: string): boolean {
  return /^[+-]?\d+$/.test(key)
}
