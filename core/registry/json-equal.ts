/** Whether two JSON values are the same; a member that is undefined counts as absent, key order does not matter. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return isSameNumber(a, b)
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let index = 0; index < a.length; index++) {
      if (!jsonEqual(a[index], b[index])) return false
    }
    return true
  }
  if (Array.isArray(b)) return false
  return membersEqual(a as Record<string, unknown>, b as Record<string, unknown>)
}

/** A large number has two forms, of which one is how a float that was sent is read again. */
function isSameNumber(a: unknown, b: unknown): boolean {
  return typeof a === 'bigint'
    ? typeof b === 'number' && String(a) === String(b)
    : typeof b === 'bigint' && isSameNumber(b, a)
}

function membersEqual(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let members = 0
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue
    members++
    if (!Object.hasOwn(b, key) || !jsonEqual(a[key], b[key])) return false
  }
  for (const key of Object.keys(b)) {
    if (b[key] !== undefined) members--
  }
  return members === 0
}
