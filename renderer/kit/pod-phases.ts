import type { LiveRow } from '../../core/api/live.ts'
import { cellText } from './cell-text.ts'
import { parseRatio, toneOf, type Tone } from './tone.ts'

export interface CountedStatus {
  tone: Tone
  count: number
}

/** The tone of a pod's row: running but not ready warns, and one that no node can take will not start by itself. */
export function podRowTone({ row, cell }: { row: LiveRow; cell(column: string): unknown }): Tone {
  if (row.data?.unschedulable) return 'bad'
  const status = cellText(cell('Status'))
  const ratio = parseRatio(cell('Ready'))
  return status === 'Running' && ratio && ratio.have < ratio.want ? 'warn' : toneOf(status)
}

/** How many of each tone, worst last; none of a tone is left out. */
export function countTones(tones: Iterable<Tone>): CountedStatus[] {
  const counts = new Map<Tone, number>()
  for (const tone of tones) counts.set(tone, (counts.get(tone) ?? 0) + 1)
  const order: Tone[] = ['ok', 'progress', 'off', 'warn', 'bad']
  return order.flatMap((tone) => {
    const count = counts.get(tone)
    return count ? [{ tone, count }] : []
  })
}
