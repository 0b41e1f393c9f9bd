import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Secret } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { ensureBootstrapObjects } from './bootstrap-objects.ts'
import { openControlPlane, type ControlPlane } from './control-plane.ts'
import { acquireInstanceLock } from './instance-lock.ts'
import { rotateKeys } from './rotate-keys.ts'

const plain = Buffer.from('correct horse battery staple').toString('base64')
const name = { name: 'db', namespace: 'default' }
const secret: Secret = { metadata: name, data: { password: plain } }
const outside = Buffer.alloc(32, 7)

describe('encryption at rest of a cluster', () => {
  let directory: string
  let plane: ControlPlane
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'encryption-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  async function open(encryptionKey?: Uint8Array): Promise<void> {
    plane = await openControlPlane({
      dataDirectory: directory,
      ...(encryptionKey && { encryptionKey }),
      nodeBackends: () => undefined,
      clock: systemClock,
      log: silentLogger,
    })
  }
  const client = () => plane.clientFor('admin')
  /** As `strings` finds it: every run of printable bytes in any file of the directory. */
  function strings(): string {
    const files = ['state.db', 'state.db-wal']
      .map((file) => join(directory, file))
      .filter((file) => existsSync(file))
    return execFileSync('grep', ['-a', '-o', '-h', '[[:print:]]\\{4,\\}', ...files], {
      maxBuffer: 1e9,
    }).toString()
  }
  const read = async () => (await client().get(resources.secrets, name)).data?.['password']

  it('shows no Secret in the files, written, updated or deleted, and serves it again after a restart', async () => {
    await open()
    await ensureBootstrapObjects(client().transport)
    await client().create(resources.secrets, secret)
    await client().patch(resources.secrets, name, { type: 'merge', body: { stringData: { other: 'x' } } })
    expect(strings()).toContain('kube-system')
    expect(strings()).not.toContain(plain)
    expect(statSync(join(directory, 'encryption.yaml')).mode & 0o777).toBe(0o600)
    await plane.close()
    expect(strings()).not.toContain(plain)
    await open()
    expect(await read()).toBe(plain)
    await plane.close()
  })

  it('moves to a key from outside and leaves none on the disk', async () => {
    await open()
    await ensureBootstrapObjects(client().transport)
    await client().create(resources.secrets, secret)
    await plane.close()
    await open(outside)
    expect(await read()).toBe(plain)
    await plane.close()
    expect(existsSync(join(directory, 'encryption.yaml'))).toBe(false)
    await expect(open(Buffer.alloc(32, 8))).rejects.toThrow('secrets "default/db" cannot be decrypted')
    await open(outside)
    expect(await read()).toBe(plain)
    await plane.close()
  })

  it('rotates the key of a stopped cluster only', async () => {
    await open()
    await ensureBootstrapObjects(client().transport)
    await client().create(resources.secrets, secret)
    await plane.close()
    const before = strings().match(/k8s:enc:aesgcm:v1:key-[0-9a-f]+/)![0]
    {
      using _lock = acquireInstanceLock(directory, 'now')
      await expect(rotateKeys(directory)).rejects.toThrow('is in use by process')
    }
    expect(await rotateKeys(directory)).toMatch(/new key key-[0-9a-f]{12}$/)
    expect(strings()).not.toContain(before)
    await open()
    expect(await read()).toBe(plain)
    await plane.close()
    await expect(rotateKeys(join(directory, 'none'))).rejects.toThrow('holds no cluster')
  })
})
