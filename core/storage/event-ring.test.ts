import { describe, expect, it } from 'vitest'
import { EventRing } from './event-ring.ts'
import type { StoreEvent } from './store.ts'
import { item, key } from './testing/items.ts'

const event = (revision: number, size: number, name = 'a'): StoreEvent => ({
  type: 'updated',
  entry: {
    key: key(name),
    revision,
    createRevision: 1,
    object: item(name),
    bytes: new Uint8Array(size),
  },
})
const revisions = (ring: EventRing, after: number, prefix = '/core/items/'): number[] =>
  ring.after(after, prefix).map(({ entry }) => entry.revision)

describe('the recent past', () => {
  it('is bounded by bytes: the oldest go until the rest fits', () => {
    const ring = new EventRing(0, { events: 100, bytes: 100 })
    for (const revision of [1, 2, 3, 4]) ring.push(event(revision, 25))
    expect([ring.floor, ...revisions(ring, 0)]).toEqual([0, 1, 2, 3, 4])
    ring.push(event(5, 1))
    expect([ring.floor, ...revisions(ring, 1)]).toEqual([1, 2, 3, 4, 5])
    ring.push(event(6, 60))
    expect([ring.floor, ...revisions(ring, 4)]).toEqual([3, 5, 6])
    expect(revisions(ring, 3)).toEqual([4, 5, 6])
  })

  it('is empty after an event that does not fit, and goes on from there', () => {
    const ring = new EventRing(0, { events: 100, bytes: 100 })
    ring.push(event(1, 10))
    ring.push(event(2, 101))
    expect([ring.floor, ...revisions(ring, 2)]).toEqual([2])
    ring.push(event(3, 10))
    expect([ring.floor, ...revisions(ring, 2)]).toEqual([2, 3])
  })

  it('is bounded by count, however long it goes on', () => {
    const ring = new EventRing(0, { events: 3, bytes: 1e9 })
    for (let revision = 1; revision <= 5000; revision++)
      ring.push(event(revision, 1, revision % 2 ? 'a' : 'b'))
    expect([ring.floor, ...revisions(ring, 4997)]).toEqual([4997, 4998, 4999, 5000])
    expect(revisions(ring, 4998, key('b'))).toEqual([5000])
  })
})
