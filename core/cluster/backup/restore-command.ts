import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { createSqliteStoreFile, newestRevision } from '../../storage/sqlite/store-file.ts'
import { rfc3339, systemClock } from '../../util/clock.ts'
import { acquireInstanceLock } from '../instance-lock.ts'
import { BackupError, readBackup, type Backup } from './backup-format.ts'

/**
 * How far the revision moves ahead, so that no client that knew the time after the backup ever sees it go back (what
 * etcd advises for Kubernetes: `etcdutl snapshot restore --bump-revision 1000000000 --mark-compacted`).
 */
const revisionBump = 1_000_000_000
/** Everything that makes up the state of a data directory. */
const stateNames = ['state.db', 'state.db-wal', 'state.db-shm', 'pki', 'encryption.yaml', 'cluster.json']

/**
 * Makes the cluster of a data directory what it was in a backup. The directory may be new, or of a stopped cluster, whose
 * state is set aside in it. Watches from before the restore end with 410 and list anew. Throws LockedError when the
 * cluster runs and BackupError when the file is not whole; nothing is changed then.
 */
export function restore(dataDirectory: string, file: string): string {
  const backup = readBackup(resolve(file))
  using _lock = acquireInstanceLock(dataDirectory, rfc3339(systemClock.now()))
  const fresh = join(dataDirectory, `restore.${process.pid}.tmp`)
  try {
    mkdirSync(fresh, { recursive: true, mode: 0o700 })
    writeFiles(fresh, backup)
    const known = knownRevision(join(dataDirectory, 'state.db'))
    const revision = Math.max(known, backup.manifest.revision) + revisionBump
    createSqliteStoreFile(join(fresh, 'state.db'), {
      records: backup.objects
        .map((object) => ({ ...object, deleted: false, time: systemClock.now() }))
        .sort((a, b) => a.revision - b.revision),
      revision,
    })
    const aside = exchange(dataDirectory, fresh)
    const { manifest } = backup
    return (
      `restored ${manifest.objects} objects of cluster "${manifest.cluster.name}" as of ${manifest.createdAt}; ` +
      `the revision goes on from ${revision}` +
      (aside ? `. The state before is in ${aside}` : '')
    )
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** 0 for a damaged store: it is a reason to restore, not an obstacle. */
function knownRevision(file: string): number {
  try {
    return newestRevision(file)
  } catch {
    return 0
  }
}

function writeFiles(directory: string, backup: Backup): void {
  for (const { file, content } of backup.files) {
    const target = resolve(directory, file)
    if (!target.startsWith(directory + sep)) throw new BackupError(`${file} lies outside the data directory`)
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    writeFileSync(target, content, { mode: file.endsWith('.crt') ? 0o644 : 0o600, flush: true })
  }
}

/** Puts the new state in the place of the old, which is kept; gives where. */
function exchange(dataDirectory: string, fresh: string): string | undefined {
  const old = stateNames.filter((name) => existsSync(join(dataDirectory, name)))
  if (old.length === 0) {
    for (const name of stateNames) moveIfThere(name, fresh, dataDirectory)
    return undefined
  }
  const stamp = rfc3339(systemClock.now()).replaceAll(':', '')
  const aside = mkdtempSync(join(dataDirectory, `before-restore-${stamp}-`))
  for (const name of stateNames) moveIfThere(name, dataDirectory, aside)
  for (const name of stateNames) moveIfThere(name, fresh, dataDirectory)
  return aside
}

function moveIfThere(name: string, from: string, to: string): void {
  if (existsSync(join(from, name))) renameSync(join(from, name), join(to, name))
}
