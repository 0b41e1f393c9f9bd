import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** What a backup says about itself in its first line. */
export interface BackupManifest {
  format: 'wheelhouse-backup'
  version: 1
  /** RFC 3339. */
  createdAt: string
  cluster: { id: string; name: string }
  /** The one revision that everything in it is a picture of. */
  revision: number
  objects: number
}

/** A file of the data directory that belongs to the state: keys, certificates, the cluster's identity. */
export interface BackedUpFile {
  /** Relative to the data directory, with `/`. */
  file: string
  content: Uint8Array
}

/** One object as it was stored; `value` is its JSON, or that encrypted. */
export interface BackedUpObject {
  key: string
  revision: number
  createRevision: number
  value: Uint8Array
}

/** A whole backup, checked. */
export interface Backup {
  manifest: BackupManifest
  files: BackedUpFile[]
  objects: BackedUpObject[]
}

/** The file is no backup, is damaged or incomplete, or was made by a newer program. The message says which. */
export class BackupError extends Error {}

/**
 * A backup as lines of JSON: the manifest, the files, the objects, and last a SHA-256 of everything before it, without
 * which it counts as cut off.
 */
export function* writeBackup(backup: {
  manifest: BackupManifest
  files: Iterable<BackedUpFile>
  objects: Iterable<BackedUpObject>
}): Generator<string> {
  const hash = createHash('sha256')
  const line = (content: object): string => {
    const text = `${JSON.stringify(content)}\n`
    hash.update(text)
    return text
  }
  yield line(backup.manifest)
  for (const { file, content } of backup.files) yield line({ file, content: base64(content) })
  for (const { value, ...version } of backup.objects) yield line({ ...version, value: base64(value) })
  yield `${JSON.stringify({ sha256: hash.digest('hex') })}\n`
}

/** Reads and verifies a backup. Throws BackupError. */
export function readBackup(file: string): Backup {
  const content = readFileSync(file)
  const firstEnd = content.indexOf('\n')
  const manifest = readManifest(content.subarray(0, Math.max(firstEnd, 0)).toString(), file)
  const text = verified(content, file)
  const backup: Backup = { manifest, files: [], objects: [] }
  for (const line of text.split('\n').slice(1, -1)) {
    const row = JSON.parse(line) as
      | { file: string; content: string }
      | { key: string; revision: number; createRevision: number; value: string }
    if ('file' in row) backup.files.push({ file: row.file, content: Buffer.from(row.content, 'base64') })
    else backup.objects.push({ ...row, value: Buffer.from(row.value, 'base64') })
  }
  if (backup.objects.length !== manifest.objects) {
    throw new BackupError(
      `${file}: it holds ${backup.objects.length} objects where it says ${manifest.objects}`,
    )
  }
  return backup
}

function readManifest(line: string, file: string): BackupManifest {
  let manifest: Partial<BackupManifest> | undefined
  try {
    manifest = JSON.parse(line) as Partial<BackupManifest>
  } catch {
    // Said below.
  }
  if (manifest?.format !== 'wheelhouse-backup')
    throw new BackupError(`${file}: it is not a backup of Wheelhouse`)
  if (manifest.version !== 1) {
    throw new BackupError(`${file}: it has backup version ${String(manifest.version)}, this program knows 1`)
  }
  return manifest as BackupManifest
}

/** The text up to the checksum line, once the checksum is right. */
function verified(content: Buffer, file: string): string {
  const lastStart = content.lastIndexOf('\n', content.length - 2) + 1
  const match = /^\{"sha256":"([0-9a-f]{64})"\}\n$/.exec(content.subarray(lastStart).toString())
  if (!match) throw new BackupError(`${file}: it is cut off: its last line is not the checksum`)
  const body = content.subarray(0, lastStart)
  const found = createHash('sha256').update(body).digest('hex')
  if (found !== match[1]) {
    throw new BackupError(`${file}: it is damaged: its SHA-256 is ${found}, and should be ${match[1]}`)
  }
  return body.toString()
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
