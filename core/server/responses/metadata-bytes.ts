import type { KubeObject } from '../../api/meta.ts'

const [quote, backslash, open, close] = ['"', '\\', '{', '}'].map((sign) => sign.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
]

/**
 * The JSON of an object's metadata as a part of the object's own, which must be valid. Undefined where that does not begin
 * as stored objects' does, with type and metadata.
 */
export function metadataBytes(object: KubeObject, bytes: Uint8Array): Uint8Array | undefined {
  const type = JSON.stringify({ kind: object.kind, apiVersion: object.apiVersion })
  const head = `${type.slice(0, -1)},"metadata":{`
  for (let at = 0; at < head.length; at++) if (bytes[at] !== head.charCodeAt(at)) return undefined
  const from = head.length - 1
  return bytes.subarray(from, endOf(bytes, from))
}

/** Where the JSON object that begins at `from` ends. */
function endOf(bytes: Uint8Array, from: number): number {
  let depth = 0
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = closingQuote(bytes, at)
    else if (byte === open) depth++
    else if (byte === close && --depth === 0) return at + 1
  }
  return bytes.length
}

function closingQuote(bytes: Uint8Array, from: number): number {
  let at = from + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}
