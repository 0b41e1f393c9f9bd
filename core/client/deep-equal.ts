function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Whether two JSON values mean the same to Kubernetes: absent, null, empty list and empty object count as equal, as
 * upstream's semantic equality treats nil and empty (apimachinery/pkg/api/equality).
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isEmpty(a) && isEmpty(b)) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => deepEqual(item, b[index]))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  for (const key of Object.keys(a)) if (!deepEqual(a[key], b[key])) return false
  for (const key of Object.keys(b)) if (!(key in a) && !isEmpty(b[key])) return false
  return true
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.keys(value).length === 0
}
