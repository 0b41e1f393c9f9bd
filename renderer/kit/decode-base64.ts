export interface DecodedValue {
  bytes: number
  /** Absent when the bytes are no UTF-8 text. */
  text?: string
}

/** Decodes a Secret's value. Malformed base64 counts as no bytes. */
export function decodeBase64(value: string): DecodedValue {
  let bytes: Uint8Array
  try {
    bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0))
  } catch {
    return { bytes: 0 }
  }
  try {
    return { bytes: bytes.length, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { bytes: bytes.length }
  }
}
