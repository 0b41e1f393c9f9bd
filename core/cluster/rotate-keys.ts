import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteStore } from '../storage/sqlite/open-sqlite-store.ts'
import { rfc3339, systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { addEncryptionKey, openEncryption } from './encryption-file.ts'
import { acquireInstanceLock } from './instance-lock.ts'

/**
 * Makes a new encryption key for a stopped cluster and brings all of its state under it, history included; older keys
 * stay in the configuration, for backups. Throws LockedError when the cluster runs.
 */
export async function rotateKeys(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, 'state.db')
  if (!existsSync(file)) throw new Error(`${dataDirectory} holds no cluster; no key was made`)
  using _lock = acquireInstanceLock(dataDirectory, rfc3339(systemClock.now()))
  const name = addEncryptionKey(dataDirectory)
  const { cipher } = await openEncryption(dataDirectory)
  const store = await openSqliteStore({ file, clock: systemClock, log: silentLogger, cipher })
  await store.close()
  return `everything that is stored encrypted is now under the new key ${name}`
}
