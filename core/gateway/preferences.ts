import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '../util/logger.ts'

/** The page's saved preferences, one JSON object in one file that only its owner reads. */
export interface Preferences {
  /** An empty object where nothing was saved or the file is broken. */
  read(): Promise<Record<string, unknown>>
  /** Replaces the file as a whole: a crash leaves the old one or the new one. Writes happen in order. */
  write(value: Record<string, unknown>): Promise<void>
}

/** Preferences kept in `file`. */
export function createPreferences(file: string, log: Logger): Preferences {
  let last: Promise<void> = Promise.resolve()

  async function replace(value: Record<string, unknown>): Promise<void> {
    await mkdir(dirname(file), { recursive: true })
    const temporary = `${file}.${randomUUID()}`
    try {
      await writeFile(temporary, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
      await rename(temporary, file)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  return {
    async read() {
      try {
        const value: unknown = JSON.parse(await readFile(file, 'utf8'))
        return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          log.warn('preferences cannot be read', { error })
        return {}
      }
    },
    async write(value) {
      const done = last.then(() => replace(value))
      last = done.catch(() => undefined)
      await done
    },
  }
}
