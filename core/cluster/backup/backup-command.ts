import {
  closeSync,
  createWriteStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { request } from 'node:https'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openSqliteStore } from '../../storage/sqlite/open-sqlite-store.ts'
import { rfc3339, systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { readAdminKubeconfig } from '../admin-kubeconfig.ts'
import { openEncryption } from '../encryption-file.ts'
import { acquireInstanceLock, lockHolder } from '../instance-lock.ts'
import { readBackup } from './backup-format.ts'
import { backupPath } from './backup-route.ts'
import { takeBackup } from './take-backup.ts'

export interface BackupCommand {
  dataDirectory: string
  /** Replaced only by a whole, verified backup; mode 0600, for it holds the cluster's keys. */
  file: string
  /** The key from outside that the cluster is encrypted with, if it is. */
  encryptionKey?: Uint8Array
}

/** Backs up the cluster of a data directory, running or not, and says what is in the file. */
export async function backUp(command: BackupCommand): Promise<string> {
  const file = resolve(command.file)
  const temporary = `${file}.${process.pid}.tmp`
  try {
    if (lockHolder(command.dataDirectory)) await download(command.dataDirectory, temporary)
    else await backUpStopped(command, temporary)
    const { manifest } = readBackup(temporary)
    renameSync(temporary, file)
    return `${file}: ${manifest.objects} objects of cluster "${manifest.cluster.name}" at revision ${manifest.revision}. It holds the cluster's keys: keep it like a password`
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** From the running cluster, at a single revision, while it goes on. */
async function download(dataDirectory: string, file: string): Promise<void> {
  const { server, ca, cert, key } = readAdminKubeconfig(dataDirectory)
  await new Promise<void>((resolve, reject) => {
    const asked = request(`${server}${backupPath}`, { ca, cert, key }, (response) => {
      if (response.statusCode !== 200) {
        response.resume()
        reject(new Error(`the cluster answered ${response.statusCode} when asked for a backup`))
        return
      }
      pipeline(response, createWriteStream(file, { mode: 0o600, flush: true })).then(resolve, reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}

async function backUpStopped({ dataDirectory, encryptionKey }: BackupCommand, file: string): Promise<void> {
  const database = join(dataDirectory, 'state.db')
  if (!existsSync(database)) throw new Error(`${dataDirectory} holds no cluster; nothing was backed up`)
  using _lock = acquireInstanceLock(dataDirectory, rfc3339(systemClock.now()))
  const { cipher } = await openEncryption(dataDirectory, encryptionKey ? { outside: encryptionKey } : {})
  const store = await openSqliteStore({ file: database, clock: systemClock, log: silentLogger, cipher })
  const target = openSync(file, 'w', 0o600)
  try {
    for (const line of await takeBackup({ store, cipher, dataDirectory, clock: systemClock }))
      writeSync(target, line)
    fsyncSync(target)
  } finally {
    closeSync(target)
    await store.close()
  }
}
