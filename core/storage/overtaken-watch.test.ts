import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CompactedError, type Store } from './store.ts'
import { item, key } from './testing/items.ts'
import { useStores } from './testing/use-stores.ts'

const { stores } = useStores()

// etcd pages its history itself, and tells of what it compacted (etcd-compactor.test.ts).
describe.each(stores.filter(([name]) => name !== 'etcd'))(
  'a watch of the far past of a %s store',
  (_name, open) => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('ends as compacted, without a gap, when the compaction overtakes it', async () => {
      const count = 1200
      await Promise.all(Array.from({ length: count }, (_, i) => store.create(key(`n${i}`), item(`n${i}`))))
      const seen: number[] = []
      let compacted: Promise<void> | undefined
      const end = await new Promise<Error>((resolve, reject) => {
        const listener = {
          onEvents(events: { entry: { revision: number } }[]): void {
            seen.push(...events.map(({ entry }) => entry.revision))
            compacted ??= store.compact(count)
          },
          onEnd: resolve,
        }
        store.watch('/core/items/', 0, listener).catch(reject)
      })
      await compacted
      expect(end).toBeInstanceOf(CompactedError)
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.length).toBeLessThan(count)
      expect(seen).toEqual(seen.map((_, i) => i + 1))
    })
  },
)
