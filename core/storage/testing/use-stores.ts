import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { systemClock } from '../../util/clock.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { createMemoryStore } from '../memory-store.ts'
import { openEtcdStore } from '../etcd/open-etcd-store.ts'
import { openSqliteStore } from '../sqlite/open-sqlite-store.ts'
import type { Store } from '../store.ts'
import { hasEtcd, startEtcd, type EtcdProcess } from './etcd-process.ts'

/** How to open each kind of store, etcd only where it is installed; what they leave behind is removed after the file. */
export function useStores() {
  const folders: string[] = []

  async function sqliteStore(): Promise<Store> {
    const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-store-'))
    folders.push(folder)
    return openSqliteStore({ file: join(folder, 'store.db'), clock, log: silentLogger, recent: small })
  }

  let etcd: EtcdProcess | undefined
  let etcdStores = 0
  async function etcdStore(): Promise<Store> {
    etcd ??= await startEtcd()
    return openEtcdStore({
      endpoints: [etcd.endpoint],
      prefix: `/registry-${++etcdStores}`,
      clock: systemClock,
      log: silentLogger,
      recent: small,
    })
  }

  afterAll(async () => {
    await etcd?.stop()
    for (const folder of folders) await rm(folder, { recursive: true })
  })

  const stores: [string, () => Promise<Store>][] = [
    ['memory', () => Promise.resolve(createMemoryStore({ clock, recent: small }))],
    ['sqlite', sqliteStore],
    ...(hasEtcd ? [['etcd', etcdStore] as [string, () => Promise<Store>]] : []),
  ]

  return {
    folders,
    stores,
  }
}

const small = { events: 5, bytes: 1_000_000 }

export const clock = new FakeClock()
