export interface DecodedValue {
  bytes: number
  /** Absent when the bytes are no UTF-8 text. */
  text?: string
}

/** The bytes of a base64 text; none of a malformed one. */
export function bytesOfBase64(value: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(value), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

/** Decodes a Secret's value. Malformed base64 counts as no bytes. */
export function decodeBase64(value: string): DecodedValue {
  const bytes = bytesOfBase64(value)
  try {
    return {
      bytes: bytes.length,
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    }
  } catch {
    return { bytes: bytes.length }
  }
}
