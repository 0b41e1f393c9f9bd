import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ValueCipher } from '../../storage/encryption/value-cipher.ts'
import type { Entry, Store } from '../../storage/store.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import { readClusterFile } from '../cluster-file.ts'
import { writeBackup, type BackedUpObject } from './backup-format.ts'

/** The parts of a data directory without which its state is of no use; what is absent is left out. */
const stateFiles = ['cluster.json', 'encryption.yaml', 'pki/ca.crt', 'pki/ca.key', 'pki/sa.key']

/**
 * A backup of one exact revision, in pieces of text, while the store goes on serving and writing. Encrypted resources are
 * encrypted in it too.
 */
export async function takeBackup(options: {
  store: Store
  cipher: ValueCipher
  dataDirectory: string
  clock: Clock
}): Promise<Iterable<string>> {
  const { store, cipher, dataDirectory, clock } = options
  // One list of everything: entries never change, so what is written later is not in it.
  const { entries, revision } = await store.list('/')
  const cluster = readClusterFile(dataDirectory)
  const files = stateFiles.filter((file) => existsSync(join(dataDirectory, file)))
  return writeBackup({
    manifest: {
      format: 'wheelhouse-backup',
      version: 1,
      createdAt: rfc3339(clock.now()),
      cluster: { id: cluster?.id ?? '', name: cluster?.name ?? '' },
      revision,
      objects: entries.length,
    },
    files: files.map((file) => ({ file, content: readFileSync(join(dataDirectory, file)) })),
    objects: sealedObjects(entries, cipher),
  })
}

/** One after another, so that no second copy of everything is in memory. */
function* sealedObjects(entries: Entry[], cipher: ValueCipher): Generator<BackedUpObject> {
  for (const { key, revision, createRevision, bytes } of entries) {
    yield { key, revision, createRevision, value: cipher.seal(key, bytes) }
  }
}
