import { stringify } from 'yaml'

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null

/** A value of an unknown field as text: plain ones and short lists of them on one line, all else as a block of YAML. */
export function toFieldText(value: unknown): { text: string; isBlock: boolean } {
  if (value === null || value === undefined) return { text: '', isBlock: false }
  if (isPlain(value)) {
    const text = String(value)
    return { text, isBlock: text.includes('\n') }
  }
  if (Array.isArray(value) && value.every(isPlain)) return { text: value.join(', '), isBlock: false }
  if (Object.keys(value).length === 0) return { text: '', isBlock: false }
  return { text: stringify(value, { indentSeq: false, lineWidth: 0 }).trimEnd(), isBlock: true }
}
