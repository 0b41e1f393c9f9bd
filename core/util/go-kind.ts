/** What Go's encoding/json calls the type of a JSON value that is not what it should be. */
export function goKind(value: unknown): 'array' | 'bool' | 'number' | 'object' | 'string' {
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'string':
    case 'number':
      return typeof value as 'string' | 'number'
    case 'bigint':
      return 'number'
    case 'boolean':
      return 'bool'
    default:
      return 'object'
  }
}
