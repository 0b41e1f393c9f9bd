import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { ValueCipher } from '../encryption/value-cipher.ts'
import type { RingLimits } from '../event-ring.ts'
import { StorageFailureError, type Store } from '../store.ts'
import { createEtcdClient, type EtcdAddress } from './etcd-client.ts'
import { createEtcdCodec } from './etcd-codec.ts'
import { startEtcdCompactor } from './etcd-compactor.ts'
import { EtcdMirror } from './etcd-mirror.ts'
import { EtcdStore } from './etcd-store.ts'

export interface EtcdStoreOptions extends EtcdAddress {
  /** Where the objects lie; default `/registry`. */
  prefix?: string
  cipher?: ValueCipher | undefined
  recent?: RingLimits | undefined
  clock: Clock
  log: Logger
}

/** Opens a Store on etcd v3, which several processes may share. Rejects with StorageFailureError when it cannot be had. */
export async function openEtcdStore(
  options: EtcdStoreOptions,
): Promise<Store & { sizeBytes(): Promise<number> }> {
  const client = createEtcdClient(options)
  const codec = createEtcdCodec(options.prefix ?? '/registry', options.cipher)
  try {
    const late: { store?: EtcdStore } = {}
    const onCompacted = (revision: number): void => late.store?.onCompacted(revision)
    const mirror = await EtcdMirror.open({ ...options, onCompacted, client, codec })
    const compactor = startEtcdCompactor({ ...options, client })
    return (late.store = new EtcdStore({ client, codec, mirror, compactor }))
  } catch (error) {
    client.close()
    const reason = error instanceof Error ? error.message : String(error)
    throw new StorageFailureError(`cannot open the store at ${options.endpoints.join(', ')}: ${reason}`, {
      cause: error,
    })
  }
}
