import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who holds a data directory. */
export interface LockHolder {
  pid: number
  startedAt: string
  /** Start time of the process in clock ticks since boot, where the system tells: guards against reused pids. */
  processStart?: string
}

/** The data directory is in use by a live process. */
export class LockedError extends Error {
  readonly holder: LockHolder
  constructor(directory: string, holder: LockHolder) {
    super(
      `${directory} is in use by process ${holder.pid} (started ${holder.startedAt}); ` +
        'stop it first, or choose another --data-dir',
    )
    this.holder = holder
  }
}

/**
 * Takes the directory for this process; dispose gives it back. A lock whose process is gone (kill -9, power cut) is
 * taken over at once. Throws LockedError when its holder lives.
 */
export function acquireInstanceLock(directory: string, startedAt: string): Disposable {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, 'lock')
  const mine = `${file}.${process.pid}`
  const holder: LockHolder = { pid: process.pid, startedAt }
  const start = processStart(process.pid)
  if (start !== undefined) holder.processStart = start
  try {
    writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 })
    for (let attempt = 0; ; attempt++) {
      try {
        // A hard link appears whole or not at all, so nobody ever reads a half-written lock.
        linkSync(mine, file)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 3) throw error
        const other = readHolder(file)
        if (other && isAlive(other)) throw new LockedError(directory, other)
        rmSync(file, { force: true })
      }
    }
  } finally {
    rmSync(mine, { force: true })
  }
  return {
    [Symbol.dispose]: () => {
      if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true })
    },
  }
}

/** The live holder of a directory's lock, if there is one. */
export function lockHolder(directory: string): LockHolder | undefined {
  const holder = readHolder(join(directory, 'lock'))
  return holder && isAlive(holder) ? holder : undefined
}

function readHolder(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockHolder
  } catch {
    // No lock, or one that a crash left unreadable: both mean nobody holds it.
    return undefined
  }
}

function isAlive(holder: LockHolder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return holder.processStart === undefined || processStart(holder.pid) === holder.processStart
}

/** Field 22 of /proc/<pid>/stat (proc(5)); undefined where there is no /proc. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
