import type { KubeObject } from '../../api/meta.ts'

/** A deep copy of a JSON value. Keys named `__proto__` are left out. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(cloneJson) as T
  const copy: Record<string, unknown> = {}
  const members = value as Record<string, unknown>
  for (const key of Object.keys(members)) {
    const member = members[key]
    if (key !== '__proto__') copy[key] = typeof member === 'object' ? cloneJson(member) : member
  }
  return copy as T
}

/** A deep copy of an object but for its managedFields, which are never changed in place and take long to copy. */
export function cloneObject<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata
  const copy = cloneJson({ ...object, metadata })
  if (managedFields) (copy as KubeObject).metadata.managedFields = managedFields
  return copy as T
}
