import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { openSqliteStore } from './open-sqlite-store.ts'
import type { Store } from '../store.ts'
import { createCipher } from '../encryption/create-cipher.ts'
import {
  createEncryptionKey,
  secretsUnder,
  withNewestKey,
  type EncryptionConfiguration,
} from '../encryption/encryption-configuration.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheelhouse-encryption-'))
  file = join(folder, 'state.db')
})
afterEach(() => rm(folder, { recursive: true }))

function open(configuration?: EncryptionConfiguration): Promise<Store> {
  const options = { file, clock: systemClock, log: silentLogger }
  return openSqliteStore(configuration ? { ...options, cipher: createCipher(configuration) } : options)
}

/** Whether the text is anywhere in the store's files, as it is or in base64. */
async function onDisk(text: string): Promise<boolean> {
  const files = [file, `${file}-wal`].filter((name) => existsSync(name))
  const contents = await Promise.all(files.map((name) => readFile(name)))
  return contents.some((content) => content.includes(text))
}

const key = '/core/secrets/shop/db'
const secret = (value: string): KubeObject & { data: { password: string } } => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'shop' },
  // Long enough for overflow pages, so that these are seen to be scrubbed as well.
  data: { password: `${value}-${'y'.repeat(20_000)}-${value}` },
})
const passwordOf = (object: KubeObject | undefined): string | undefined =>
  (object as { data?: { password: string } } | undefined)?.data?.password.split('-')[0]
const first = createEncryptionKey()
const second = createEncryptionKey()

describe('secrets at rest', () => {
  it('never reach the disk readable: not now, not in the history, not once deleted', async () => {
    const store = await open(secretsUnder([first]))
    await store.create(key, secret('hunter1'))
    await store.update(key, () => secret('hunter2'))
    await store.create('/core/configmaps/shop/plain', {
      metadata: { name: 'plain' },
      data: { a: 'readable' },
    } as KubeObject)
    expect(passwordOf((await store.getAt(key, 1))?.object)).toBe('hunter1')
    await store.delete(key)
    expect(await onDisk('readable')).toBe(true)
    for (const value of ['hunter1', 'hunter2']) expect(await onDisk(value)).toBe(false)
    await store.close()
    for (const value of ['hunter1', 'hunter2']) expect(await onDisk(value)).toBe(false)
  })

  it('come back from current state, exact reads, old lists and old watches', async () => {
    let store = await open(secretsUnder([first]))
    await store.create(key, secret('one'))
    await store.update(key, () => secret('two'))
    await store.close()
    store = await open(secretsUnder([first]))
    expect(passwordOf((await store.get(key))?.object)).toBe('two')
    expect(passwordOf((await store.getAt(key, 1))?.object)).toBe('one')
    const { entries } = await store.list('/core/secrets/', { revision: 1 })
    expect(entries.map(({ object }) => passwordOf(object))).toEqual(['one'])
    const seen = await new Promise<(string | undefined)[]>((resolve) => {
      void store.watch('/core/secrets/', 0, {
        onEvents: (events) =>
          resolve(
            events.flatMap(({ entry, previous }) => [passwordOf(previous?.object), passwordOf(entry.object)]),
          ),
        onEnd: () => undefined,
      })
    })
    expect(seen).toEqual([undefined, 'one', 'one', 'two'])
    await store.close()
  })

  it('that were stored plainly are rewritten at the next start, and no trace of them stays', async () => {
    let store = await open()
    await store.create(key, secret('hunter1'))
    await store.update(key, () => secret('hunter2'))
    await store.create('/core/secrets/shop/gone', { ...secret('hunter3'), metadata: { name: 'gone' } })
    await store.delete('/core/secrets/shop/gone')
    await store.compact(4)
    await store.create('/core/secrets/shop/gone', { ...secret('hunter4'), metadata: { name: 'gone' } })
    await store.delete('/core/secrets/shop/gone')
    expect(await onDisk('hunter2')).toBe(true)
    await store.close()
    store = await open(secretsUnder([first]))
    expect(passwordOf((await store.get(key))?.object)).toBe('hunter2')
    expect([store.revision, store.compactedRevision]).toEqual([6, 4])
    for (const value of ['hunter1', 'hunter2', 'hunter3', 'hunter4']) expect(await onDisk(value)).toBe(false)
    await store.close()
  })

  it('are brought under the newest key, after which the older one is not needed', async () => {
    let store = await open(secretsUnder([first]))
    await store.create(key, secret('one'))
    await store.update(key, () => secret('two'))
    await store.close()
    store = await open(withNewestKey(secretsUnder([first]), second))
    await store.close()
    expect(await onDisk(first.name)).toBe(false)
    store = await open(secretsUnder([second]))
    expect(passwordOf((await store.getAt(key, 1))?.object)).toBe('one')
    await store.close()
    await expect(open(secretsUnder([first]))).rejects.toThrow(
      `secrets "shop/db" cannot be decrypted: it was encrypted with ${second.name}, which the encryption configuration does not have`,
    )
  })

  it.each([
    ['changed in one bit', (value: Uint8Array) => value.map((byte, at) => (at === 200 ? byte ^ 1 : byte))],
    ['cut short', (value: Uint8Array) => value.slice(0, 50)],
  ])('are refused by name when %s', async (_how, tamper) => {
    const store = await open(secretsUnder([first]))
    await store.create(key, secret('one'))
    await store.close()
    const database = new DatabaseSync(file)
    const value = database.prepare('SELECT value FROM history').get()!.value as Uint8Array
    database.prepare('UPDATE history SET value = ?').run(tamper(value))
    database.close()
    await expect(open(secretsUnder([first]))).rejects.toThrow(
      'secrets "shop/db" cannot be decrypted: it was tampered with, or is damaged',
    )
  })

  it('cannot be moved to another name', async () => {
    const store = await open(secretsUnder([first]))
    await store.create(key, secret('one'))
    await store.close()
    const database = new DatabaseSync(file)
    database.exec(`UPDATE history SET key = '/core/secrets/other/mine'`)
    database.close()
    await expect(open(secretsUnder([first]))).rejects.toThrow('secrets "other/mine" cannot be decrypted')
  })
})
