import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a cluster remembers about itself between starts, in `cluster.json` of its data directory. */
export interface ClusterFile {
  /** `<name>-<8 hex digits>`: unique per data directory; every Docker object of the cluster carries it as a label. */
  id: string
  name: string
  apiPort?: number
  uiPort?: number
  /** Pod network chosen at first start, e.g. 10.244.0.0/16. */
  podSubnet?: string
}

/** Reads `cluster.json`; undefined when the directory holds no cluster. Throws when it is damaged. */
export function readClusterFile(directory: string): ClusterFile | undefined {
  const file = join(directory, 'cluster.json')
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(content) as ClusterFile
  } catch (cause) {
    throw new Error(`${file} is damaged: ${(cause as Error).message}`, { cause })
  }
}

/** Reads it, or makes the identity of a new cluster and writes it. */
export function openClusterFile(directory: string, name: string): ClusterFile {
  const existing = readClusterFile(directory)
  if (existing) return existing
  const created: ClusterFile = { id: `${name}-${randomBytes(4).toString('hex')}`, name }
  writeClusterFile(directory, created)
  return created
}

/** Replaces `cluster.json` atomically, mode 0600. */
export function writeClusterFile(directory: string, content: ClusterFile): void {
  writeAtomically(join(directory, 'cluster.json'), `${JSON.stringify(content, null, 2)}\n`)
}

/** Writes a file so that readers see the old or the new content, never a part; mode 0600. */
export function writeAtomically(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content, { mode: 0o600 })
    renameSync(temporary, file)
  } catch (error) {
    // On a full disk it would only take more of what is missing.
    rmSync(temporary, { force: true })
    throw error
  }
}
