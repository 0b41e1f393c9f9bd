/**
 * A private deep copy of a JSON value, to be changed at will: objects from informers and answers are shared and must
 * not be mutated. Undefined members are dropped. Only for plain JSON (no Date, Map, …).
 */
export function draft<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => draft(item)) as T
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) copy[key] = draft(member as unknown)
  }
  return copy as T
}
