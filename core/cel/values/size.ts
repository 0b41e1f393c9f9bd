import { CelList, CelMap, CelOpaque, CelOptional } from './value.ts'
import type { CelValue } from './value.ts'

const surrogates = /[\ud800-\udbff][\udc00-\udfff]/g

/** How many code points a text has. */
export function codePoints(text: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) >= 0xd800) return text.length - (text.match(surrogates)?.length ?? 0)
  }
  return text.length
}

/** What `size()` says: characters, bytes, items or members; undefined for values without a size. */
export function sizeOf(value: CelValue): number | undefined {
  if (typeof value === 'string') return codePoints(value)
  if (value instanceof CelList || value instanceof Uint8Array) return value.length
  if (value instanceof CelMap) return value.size
  return undefined
}

/** The size that costs are counted by; 1 for what has none (cel-go: interpreter/runtimecost.go actualSize). */
export function costSizeOf(value: CelValue): number {
  if (value instanceof CelOptional && value.value !== undefined) return costSizeOf(value.value)
  if (value instanceof CelOpaque)
    return 'costSize' in value && typeof value.costSize === 'number' ? value.costSize : 1
  return sizeOf(value) ?? 1
}
