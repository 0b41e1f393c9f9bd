import { LRUCache } from 'lru-cache'
import type { ObjectReference } from '../api/generated/core-v1.ts'

/** What one report of an event leads to. */
export type Correlation =
  /** The source talks too much about this object: drop it. */
  | { action: 'drop' }
  /** Seen before under this name: count up. */
  | { action: 'patch'; key: string; name: string; count: number; message: string; firstTimestamp: string }
  | { action: 'create'; key: string; message: string }

export interface EventFacts {
  involved: ObjectReference
  type: string
  reason: string
  message: string
}

interface Known {
  name: string
  count: number
  firstTimestamp: string
}

/** By size, not by `max`: that makes room for all of them at once, 270 KiB a source, and most sources say little. */
const bounds = { maxSize: 4096, sizeCalculation: () => 1 }
/** Events a source may write about one object at once, and how often one more is allowed (upstream: spam filter). */
const spamBurst = 25
const spamRefillMs = 300_000
/** More than this many different messages of one reason within the interval become one combined event. */
const similarLimit = 10
const similarIntervalMs = 600_000
const combinedPrefix = '(combined from similar events): '

/** Decides, per report, whether an event is new, a repetition, or spam (upstream: client-go tools/record/events_cache.go). */
export interface EventCorrelator {
  correlate(facts: EventFacts, nowMs: number): Correlation
  /** Remembers the stored event that later repetitions count up. */
  remember(key: string, known: Known): void
  /** Forgets an event that is stored no more. */
  forget(key: string): void
}

function objectText({ kind, namespace, name, uid, apiVersion, fieldPath }: ObjectReference): string {
  return [kind, namespace, name, fieldPath, uid, apiVersion].join('\u0000')
}

/** A correlator for one source. */
export function createEventCorrelator(): EventCorrelator {
  const known = new LRUCache<string, Known>(bounds)
  const buckets = new LRUCache<string, { tokens: number; at: number }>(bounds)
  const similar = new LRUCache<string, { messages: Set<string>; at: number }>(bounds)

  function isSpam(object: string, now: number): boolean {
    const bucket = buckets.get(object) ?? { tokens: spamBurst, at: now }
    bucket.tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.at) / spamRefillMs)
    bucket.at = now
    buckets.set(object, bucket)
    if (bucket.tokens < 1) return true
    bucket.tokens -= 1
    return false
  }

  /** True once the group has too many different messages. */
  function isCombined(group: string, message: string, now: number): boolean {
    let entry = similar.get(group)
    if (!entry || now - entry.at > similarIntervalMs) entry = { messages: new Set(), at: now }
    entry.at = now
    if (entry.messages.size < similarLimit) entry.messages.add(message)
    else if (!entry.messages.has(message)) {
      similar.set(group, entry)
      return true
    }
    similar.set(group, entry)
    return false
  }

  return {
    correlate({ involved, type, reason, message }, now) {
      const object = objectText(involved)
      const group = [object, type, reason].join('\u0000')
      const combined = isCombined(group, message, now)
      const text = combined ? combinedPrefix + message : message
      const key = combined ? group : `${group}\u0000${message}`
      if (isSpam(object, now)) return { action: 'drop' }
      const entry = known.get(key)
      if (!entry) return { action: 'create', key, message: text }
      entry.count += 1
      return { action: 'patch', key, message: text, ...entry }
    },
    remember: (key, entry) => void known.set(key, entry),
    forget: (key) => void known.delete(key),
  }
}
