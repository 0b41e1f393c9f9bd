import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readOrCreatePrivateFile, writePrivateFile } from '../auth/private-file.ts'
import { createCipher } from '../storage/encryption/create-cipher.ts'
import {
  createEncryptionKey,
  parseEncryptionConfiguration,
  printEncryptionConfiguration,
  secretsUnder,
  withNewestKey,
  type EncryptionConfiguration,
} from '../storage/encryption/encryption-configuration.ts'
import type { ValueCipher } from '../storage/encryption/value-cipher.ts'

/** Name of the file in the data directory; upstream's EncryptionConfiguration, mode 0600. */
const encryptionFileName = 'encryption.yaml'

/** How the store of a data directory is encrypted. */
export interface Encryption {
  readonly cipher: ValueCipher
  /** To be called once the store has been opened, and so rewritten, with the cipher. */
  settle(): void
}

/**
 * Reads the encryption configuration of the data directory, making one with a new key for Secrets when there is none.
 * With a key from outside (32 bytes, e.g. out of the keychain) that key writes, the file's keys are only read, and the
 * file goes once everything is under the key from outside: a key beside its data protects nothing.
 */
export async function openEncryption(
  dataDirectory: string,
  given: { outside?: Uint8Array; file?: string } = {},
): Promise<Encryption> {
  const file = given.file ?? join(dataDirectory, encryptionFileName)
  if (given.outside) {
    const key = createEncryptionKey(given.outside)
    const rules = existsSync(file) ? withNewestKey(readRules(file), key) : secretsUnder([key])
    // A file that somebody else named is theirs to remove.
    const settle = (): void => (given.file === undefined ? rmSync(file, { force: true }) : undefined)
    return { cipher: createCipher(rules), settle }
  }
  if (given.file !== undefined) return { cipher: createCipher(readRules(file)), settle: () => undefined }
  const text = await readOrCreatePrivateFile(file, async () =>
    printEncryptionConfiguration(secretsUnder([createEncryptionKey()])),
  )
  return { cipher: createCipher(parseEncryptionConfiguration(text, file)), settle: () => undefined }
}

/** The base64 key in WHEELHOUSE_ENCRYPTION_KEY, if there is one. Throws when it is not 32 bytes. */
export function keyFromEnvironment(env: NodeJS.ProcessEnv): Uint8Array | undefined {
  const text = env['WHEELHOUSE_ENCRYPTION_KEY']
  if (!text) return undefined
  const key = Buffer.from(text, 'base64')
  if (key.length !== 32) throw new Error('WHEELHOUSE_ENCRYPTION_KEY must be 32 bytes in base64')
  return key
}

/** Puts a new key in front of the others; the next opening of the store re-encrypts with it. Gives its name. */
export function addEncryptionKey(dataDirectory: string): string {
  const file = join(dataDirectory, encryptionFileName)
  const key = createEncryptionKey()
  const rules = existsSync(file) ? readRules(file) : secretsUnder([])
  writePrivateFile(file, printEncryptionConfiguration(withNewestKey(rules, key)))
  return key.name
}

function readRules(file: string): EncryptionConfiguration {
  return parseEncryptionConfiguration(readFileSync(file, 'utf8'), file)
}
