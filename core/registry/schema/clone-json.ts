/** A deep copy of a JSON value. Keys named `__proto__` are left out. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(cloneJson) as T
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (key !== '__proto__') copy[key] = cloneJson(member)
  }
  return copy as T
}
