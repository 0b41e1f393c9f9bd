/**
 * Semantic equality of JSON values as upstream has it (apimachinery/pkg/api/equality): absent, null, empty list and
 * empty map are all the same.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  return differences(a, b, '').length === 0
}

/** The paths at which two JSON values differ, with both values, as `path: old → new` would need; old is `b`. */
export function differences(a: unknown, b: unknown, path: string): string[] {
  if (a === b || (isEmpty(a) && isEmpty(b))) return []
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.flatMap((item, at) => differences(item, b[at], `${path}[${at}]`))
  }
  if (isMap(a) && isMap(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].flatMap((key) => differences(a[key], b[key], path ? `${path}.${key}` : key))
  }
  return [`- ${path}: ${JSON.stringify(b)}`, `+ ${path}: ${JSON.stringify(a)}`]
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}
