import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { CompactedError, type Store } from '../store.ts'
import { hasEtcd, startEtcd, type EtcdProcess } from '../testing/etcd-process.ts'
import { createEtcdClient } from './etcd-client.ts'
import { compactRevisionKey } from './etcd-compactor.ts'
import { openEtcdStore } from './open-etcd-store.ts'

const object = (value: string) => ({ apiVersion: 'v1', kind: 'Item', metadata: { name: 'a' }, value })

describe.runIf(hasEtcd)('compaction of an etcd that two servers share', () => {
  let etcd: EtcdProcess
  const clocks = [new FakeClock(), new FakeClock()]
  const stores: Store[] = []

  beforeAll(async () => {
    etcd = await startEtcd()
    for (const clock of clocks) {
      stores.push(await openEtcdStore({ endpoints: [etcd.endpoint], clock, log: silentLogger }))
    }
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await etcd.stop()
  })

  it('is done once in five minutes by either, keeps five minutes, and both know of it', async () => {
    const client = createEtcdClient({ endpoints: [etcd.endpoint] })
    const turns = async () => (await client.range({ key: compactRevisionKey })).kvs[0]?.version ?? 0
    const fiveMinutes = async (at: number, expected: number): Promise<void> => {
      await clocks[at]!.advance(5 * 60_000)
      await waitFor(async () => (await turns()) === expected)
    }
    const first = await stores[0]!.create('/core/items/a', object('1'))
    await fiveMinutes(0, 1)
    const second = await stores[0]!.update('/core/items/a', () => object('2'))
    // The other one finds that it was done, and learns when.
    await clocks[1]!.advance(5 * 60_000)
    expect((await stores[1]!.getAt('/core/items/a', first.revision))?.object).toMatchObject({ value: '1' })
    await fiveMinutes(0, 2)
    for (const store of stores) {
      await waitFor(() => store.compactedRevision > first.revision)
      await expect(store.getAt('/core/items/a', first.revision)).rejects.toBeInstanceOf(CompactedError)
      expect((await store.getAt('/core/items/a', second.revision))?.object).toMatchObject({ value: '2' })
    }
    // The first has gone: the other one goes on in its place, once it has seen so.
    await waitFor(async () => {
      await clocks[1]!.advance(5 * 60_000)
      return (await turns()) > 2
    })
    client.close()
  })
})
