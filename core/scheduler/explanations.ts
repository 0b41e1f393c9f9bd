import { LRUCache } from 'lru-cache'
import type { Explanation, NodeVerdict } from '../api/scheduling.ts'
import type { Attempt } from './schedule-one.ts'

export interface AttemptOutcome {
  at: number
  message?: string
  preemption?: { node: string; victims: string[] }
}

/** Keeps the latest attempts; old ones make room by number of verdicts. */
export interface Explanations {
  keep(podKey: string, attempt: Attempt, outcome: AttemptOutcome): void
  explain(podKey: string): Explanation | undefined
  forget(podKey: string): void
}

interface Kept {
  rejections: Attempt['rejections']
  feasible: string[]
  scores: Attempt['scores']
  chosen: string | undefined
  outcome: AttemptOutcome
}

const maxVerdicts = 50_000

/** Empty. */
export function createExplanations(): Explanations {
  const kept = new LRUCache<string, Kept>({
    maxSize: maxVerdicts,
    sizeCalculation: ({ rejections, feasible }) => 1 + rejections.size + feasible.length,
  })
  return {
    keep(podKey, { chosen, rejections, feasible, scores }, outcome) {
      const names = feasible.map(({ name }) => name)
      kept.set(podKey, { rejections, feasible: names, scores, chosen: chosen?.name, outcome })
    },
    explain(podKey) {
      const entry = kept.get(podKey)
      if (!entry) return undefined
      const { chosen, outcome } = entry
      return { podKey, message: undefined, ...outcome, chosen, verdicts: verdictsOf(entry) }
    },
    forget: (podKey) => void kept.delete(podKey),
  }
}

function verdictsOf({ rejections, feasible, scores }: Kept): NodeVerdict[] {
  const placed = feasible.map((node, index): NodeVerdict => {
    if (scores.length === 0) return { node }
    const total = scores.reduce((sum, entry) => sum + entry.weight * (entry.scores[index] ?? 0), 0)
    const byPlugin = Object.fromEntries(scores.map(({ plugin, scores: all }) => [plugin, all[index] ?? 0]))
    return { node, scores: byPlugin, total }
  })
  placed.sort((a, b) => (b.total ?? 0) - (a.total ?? 0))
  const rejected = [...rejections].map(([node, { plugin, rejection }]): NodeVerdict => ({
    node,
    rejectedBy: plugin,
    reasons: rejection.details ?? rejection.reasons,
  }))
  return [...placed, ...rejected]
}
