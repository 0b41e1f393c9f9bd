import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * The text of a secret file, made by `create` when absent. Written whole or not at all (temporary file and rename),
 * mode 0600; a looser mode of an existing file is tightened.
 */
export async function readOrCreatePrivateFile(path: string, create: () => Promise<string>): Promise<string> {
  if (existsSync(path)) {
    chmodSync(path, 0o600)
    return readFileSync(path, 'utf8')
  }
  const text = await create()
  writePrivateFile(path, text)
  return text
}

/** Replaces a file with `text`, atomically; mode 0600 unless told otherwise. */
export function writePrivateFile(path: string, text: string, mode = 0o600): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
