import { cloneJson } from '../schema/clone-json.ts'

type Members = Record<string, unknown>

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Applies a JSON merge patch (RFC 7396). Neither argument is changed; the result may share parts with the document. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return cloneJson(patch)
  const result: Members = isObject(document) ? { ...document } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue
    if (value === null) delete result[key]
    else result[key] = applyMergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value)
  }
  return result
}
