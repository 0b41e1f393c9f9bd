import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LiveRow } from '../../core/api/live.ts'
import { RowOrder, type RowOrderOptions } from './row-order.ts'

function row(uid: string, name: string, cell: string | number = ''): LiveRow {
  return { uid, name, namespace: 'default', cells: [cell] }
}
const byName: RowOrderOptions = { matches: () => true, sortKey: ({ name }) => name, descending: false }
const names = (order: RowOrder): string[] => order.rows.map(({ name }) => name)

describe('RowOrder', () => {
  it('sorts numbers inside names as numbers', () => {
    const order = new RowOrder(byName)
    order.rebuild(byName, [row('1', 'web-10'), row('2', 'web-9'), row('3', 'api')])
    expect(names(order)).toEqual(['api', 'web-9', 'web-10'])
  })

  it('moves a changed row to its new place and drops deleted and no longer matching ones', () => {
    const options: RowOrderOptions = {
      matches: ({ cells }) => cells[0] !== 'hidden',
      sortKey: ({ cells }) => cells[0] as number,
      descending: true,
    }
    const order = new RowOrder(options)
    order.rebuild(options, [row('1', 'a', 1), row('2', 'b', 2), row('3', 'c', 3), row('4', 'd', 4)])
    order.apply([row('1', 'a', 9), row('2', 'b', 'hidden')], ['4'])
    expect(names(order)).toEqual(['a', 'c'])
  })

  it('gives a new array after every change, so that views see it', () => {
    const order = new RowOrder(byName)
    order.rebuild(byName, [row('1', 'a')])
    const before = order.rows
    order.apply([row('2', 'b')], [])
    expect(order.rows).not.toBe(before)
  })

  it('is after any batches what sorting everything would give', () => {
    const change = fc.record({ uid: fc.nat(30), key: fc.nat(8), gone: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { maxLength: 10 }), { maxLength: 8 }),
        fc.boolean(),
        (batches, descending) => {
          const options: RowOrderOptions = {
            matches: ({ cells }) => cells[0] !== 3,
            sortKey: ({ cells }) => cells[0] as number,
            descending,
          }
          const order = new RowOrder(options)
          const all = new Map<string, LiveRow>()
          order.rebuild(options, [])
          for (const batch of batches) {
            const last = new Map(batch.map((entry) => [String(entry.uid), entry]))
            const upserts: LiveRow[] = []
            const deletes: string[] = []
            for (const [uid, { key, gone }] of last) {
              if (gone) {
                deletes.push(uid)
                all.delete(uid)
              } else {
                const next = row(uid, `n${uid}`, key)
                upserts.push(next)
                all.set(uid, next)
              }
            }
            order.apply(upserts, deletes)
          }
          const expected = new RowOrder(options)
          expected.rebuild(options, all.values())
          expect(order.rows.map(({ uid }) => uid)).toEqual(expected.rows.map(({ uid }) => uid))
        },
      ),
    )
  })

  it('looks at few other rows when changed ones stay where they are', () => {
    let looks = 0
    const rows = Array.from({ length: 20_000 }, (_, index) => {
      const uid = String(index)
      const looked = row(uid, `pod-${index}`)
      return Object.defineProperty(looked, 'uid', { get: () => (looks++, uid), enumerable: true })
    })
    const order = new RowOrder(byName)
    order.rebuild(byName, rows)
    const changed = rows.slice(7_000, 7_025).map((old) => ({ ...old, cells: ['new'] }))
    looks = 0
    order.apply(changed, [])
    expect(looks).toBeLessThan(2_000)
    expect(order.rows.filter(({ cells }) => cells[0] === 'new')).toEqual(changed)
  })
})
