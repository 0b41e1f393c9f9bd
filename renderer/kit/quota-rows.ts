import { compareQuantity, quantityMilli } from '../../core/api/quantity.ts'
import { readableQuantity } from './readable-quantity.ts'
import type { Tone } from './tone.ts'

/** One line of a quota. */
export interface QuotaRow {
  name: string
  used: string
  hard: string
  /** Used by allowed; 1 when nothing is allowed. */
  share: number
  tone: Tone
}

/** How a share of a quota reads: full is bad, close to full warns. */
function toneOfShare(share: number): Tone {
  if (share >= 1) return 'bad'
  return share >= 0.8 ? 'warn' : 'ok'
}

/** A quota's lines, the fullest first. Counts of nothing that is allowed are full. */
export function quotaRows(
  hard: Record<string, string> | undefined,
  used: Record<string, string> | undefined,
): QuotaRow[] {
  return Object.entries(hard ?? {})
    .map(([name, limit]) => {
      const amount = used?.[name] ?? '0'
      const allowed = quantityMilli(limit)
      const share =
        allowed > 0 ? quantityMilli(amount) / allowed : compareQuantity(limit, amount) <= 0 ? 1 : 0
      const resource = name.replace(/^(requests|limits)\./, '')
      return {
        name,
        used: readableQuantity(resource, amount),
        hard: readableQuantity(resource, limit),
        share,
        tone: toneOfShare(share),
      }
    })
    .sort((a, b) => b.share - a.share || a.name.localeCompare(b.name))
}
