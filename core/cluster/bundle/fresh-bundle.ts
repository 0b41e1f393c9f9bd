import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a bundle was made of, by path from the project's folder. */
export type RecordedSources = Record<string, { modifiedMs: number; digest: string }>

/** Where a bundle's folder holds its `RecordedSources`. */
export const sourcesFile = 'sources.json'

/** SHA-256 of a file's content, base64url. */
export function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('base64url')
}

/**
 * Whether `directory` holds a bundle made of the sources in `root` as they are now. A file that was touched counts as
 * the same when its content is. False as well when there is no bundle, or a source is gone or cannot be read.
 */
export function isFresh(directory: string, root: string): boolean {
  try {
    const sources = JSON.parse(readFileSync(join(directory, sourcesFile), 'utf8')) as RecordedSources
    return Object.entries(sources).every(([name, { modifiedMs, digest }]) => {
      // Not `join`: it would take as long as looking at the file.
      const file = `${root}/${name}`
      return statSync(file).mtimeMs === modifiedMs || digestOf(file) === digest
    })
  } catch {
    return false
  }
}
