import type { ConfigMap, Secret } from '../../core/api/generated/core-v1.ts'
import { bytesOfBase64, decodeBase64 } from './decode-base64.ts'

/** One value of a Secret or ConfigMap. */
export interface DataEntry {
  key: string
  /** Absent when the bytes are no UTF-8 text. */
  text?: string
  bytes: Uint8Array<ArrayBuffer>
  /** As text in a form does not keep it: bytes that are no text, and line ends of other systems. */
  isEditable: boolean
}

function entryOf(key: string, text: string | undefined, bytes: Uint8Array<ArrayBuffer>): DataEntry {
  if (text === undefined) return { key, bytes, isEditable: false }
  return { key, text, bytes, isEditable: !text.includes('\r') }
}

/** A Secret's values, decoded, in the order of their names. */
export function secretEntries({ data = {} }: Secret): DataEntry[] {
  return Object.keys(data)
    .sort()
    .map((key) => entryOf(key, decodeBase64(data[key]!).text, bytesOfBase64(data[key]!)))
}

/** A ConfigMap's values, texts and bytes alike, in the order of their names. */
export function configEntries({ data = {}, binaryData = {} }: ConfigMap): DataEntry[] {
  const encoder = new TextEncoder()
  return [
    ...Object.entries(data).map(([key, text]) => entryOf(key, text, encoder.encode(text))),
    ...Object.entries(binaryData).map(([key, value]) => entryOf(key, undefined, bytesOfBase64(value))),
  ].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Bytes as a Secret's `data` has them. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The merge patch that gives one entry a text; all others stay. */
export function entryPatch(kind: 'Secret' | 'ConfigMap', key: string, text: string): object {
  return { data: { [key]: kind === 'Secret' ? toBase64(new TextEncoder().encode(text)) : text } }
}
