import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultHistoryWindow } from '../storage/compactor.ts'
import type { ValueCipher } from '../storage/encryption/value-cipher.ts'
import { openSqliteStore } from '../storage/sqlite/open-sqlite-store.ts'
import type { Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { openEncryption } from './encryption-file.ts'

/** An etcd that holds the state instead of the data directory. */
export interface EtcdLocation {
  /** `host:port` each. */
  endpoints: string[]
  /** Default: `/registry`. */
  prefix?: string
  /** PEM. */
  tls?: { ca: Buffer; cert?: Buffer; key?: Buffer }
}

export interface OpenStoreOptions {
  dataDirectory: string
  etcd?: EtcdLocation
  /** A key from outside, 32 bytes. */
  encryptionKey?: Uint8Array
  encryptionFile?: string
  /** Default: a day. etcd has its own. */
  historyAgeMs?: number
  clock: Clock
  log: Logger
}

export interface OpenedStore {
  store: Store
  /** What its values are encrypted with. */
  cipher: ValueCipher
  /** What the database takes on its disk. */
  sizeBytes(): Promise<number>
}

/** The store of a cluster, encrypted as its configuration says. */
export async function openStore(options: OpenStoreOptions): Promise<OpenedStore> {
  const { dataDirectory, etcd, clock } = options
  const encryption = await openEncryption(dataDirectory, {
    ...(options.encryptionKey && { outside: options.encryptionKey }),
    ...(options.encryptionFile !== undefined && { file: options.encryptionFile }),
  })
  const { cipher } = encryption
  const log = options.log.child('storage')
  if (etcd) {
    // Only where it is wanted: gRPC takes 100 ms and 20 MiB to load.
    const { openEtcdStore } = await import('../storage/etcd/open-etcd-store.ts')
    const opened = await openEtcdStore({ ...etcd, cipher, clock, log })
    return { store: opened, cipher, sizeBytes: () => opened.sizeBytes() }
  }
  const file = join(dataDirectory, 'state.db')
  const { maxAgeMs, ...others } = defaultHistoryWindow
  const history = { ...others, maxAgeMs: options.historyAgeMs ?? maxAgeMs }
  const store = await openSqliteStore({ file, clock, log, cipher, history })
  encryption.settle()
  return { store, cipher, sizeBytes: async () => (await stat(file)).size }
}
