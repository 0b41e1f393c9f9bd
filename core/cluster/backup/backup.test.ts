import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigMap } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { ensureBootstrapObjects } from '../bootstrap-objects.ts'
import { openClusterFile } from '../cluster-file.ts'
import { openControlPlane, type ControlPlane } from '../control-plane.ts'
import { acquireInstanceLock } from '../instance-lock.ts'
import { writeKubeconfig } from '../kubeconfig.ts'
import { backUp } from './backup-command.ts'
import { readBackup } from './backup-format.ts'
import { restore } from './restore-command.ts'

const secretValue = Buffer.from('correct horse battery staple').toString('base64')

describe('backup and restore', () => {
  let root: string
  let directory: string
  let file: string
  let plane: ControlPlane | undefined
  let client: Client
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'backup-'))
    directory = join(root, 'data')
    file = join(root, 'cluster.backup')
  })
  afterEach(async () => {
    await close()
    rmSync(root, { recursive: true, force: true })
  })

  async function open(at = directory): Promise<void> {
    plane = await openControlPlane({
      dataDirectory: at,
      nodeBackends: () => undefined,
      clock: systemClock,
      log: silentLogger,
    })
    client = plane.clientFor('admin')
    await ensureBootstrapObjects(client.transport)
  }
  async function close(): Promise<void> {
    await plane?.close()
    plane = undefined
  }
  /** Makes the directory one of a running cluster, as the command line sees it. */
  async function serve(): Promise<Disposable> {
    const lock = acquireInstanceLock(directory, 'now')
    openClusterFile(directory, 'shop')
    await open()
    const { port } = await plane!.server.listen('127.0.0.1', 0)
    const admin = await plane!.pki.issueClient({ commonName: 'admin', organizations: ['system:masters'] })
    writeKubeconfig(directory, {
      clusterName: 'shop',
      server: `https://127.0.0.1:${port}`,
      ca: plane!.pki.ca.certificate,
      clientCertificate: admin.certificate,
      clientKey: admin.key,
    })
    return lock
  }
  async function everything(): Promise<Map<string, unknown>> {
    const { entries } = await plane!.store.list('/')
    return new Map(entries.map(({ key, object }) => [key, object]))
  }

  it('holds exactly one revision, taken while others write', async () => {
    using _lock = await serve()
    await client.create(resources.secrets, {
      metadata: { name: 'db', namespace: 'default' },
      data: { password: secretValue },
    })
    let stop = false
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let count = 0; !stop; count++) {
        const map: ConfigMap = {
          metadata: { name: `w${writer}-${count}`, namespace: 'default' },
          data: { count: String(count) },
        }
        await client.create(resources.configMaps, map)
        if (count % 3 === 2)
          await client.delete(resources.configMaps, { namespace: 'default', name: `w${writer}-${count - 1}` })
      }
    })
    const before = plane!.store.revision
    const writtenUntil = async (revision: number) => {
      while (plane!.store.revision < revision) await new Promise((resolve) => setImmediate(resolve))
    }
    await writtenUntil(before + 50)
    const said = await backUp({ dataDirectory: directory, file })
    await writtenUntil(readBackup(file).manifest.revision + 10)
    stop = true
    await Promise.all(writers)
    const { manifest, objects, files } = readBackup(file)
    expect(manifest.revision).toBeGreaterThanOrEqual(before + 50)
    expect(manifest.revision).toBeLessThan(plane!.store.revision)
    const { entries } = await plane!.store.list('/', { revision: manifest.revision })
    expect(objects.map(({ key, revision, createRevision }) => ({ key, revision, createRevision }))).toEqual(
      entries.map(({ key, revision, createRevision }) => ({ key, revision, createRevision })),
    )
    const plain = objects.filter(({ key }) => !key.startsWith('/core/secrets/'))
    const bytes = new Map(entries.map((entry) => [entry.key, entry.bytes]))
    for (const { key, value } of plain) expect(Buffer.compare(value, bytes.get(key)!)).toBe(0)
    expect(files.map((each) => each.file).sort()).toEqual([
      'cluster.json',
      'encryption.yaml',
      'pki/ca.crt',
      'pki/ca.key',
      'pki/sa.key',
    ])
    expect(said).toContain(`at revision ${manifest.revision}`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    for (const { value } of objects) expect(Buffer.from(value).includes(secretValue)).toBe(false)
  })

  it('brings everything back in a new directory, under the same keys, and revisions only grow', async () => {
    await open()
    await client.create(resources.secrets, {
      metadata: { name: 'db', namespace: 'default' },
      data: { password: secretValue },
    })
    const ca = plane!.pki.ca.certificate
    const kid = plane!.pki.serviceAccountKey.keyId
    await close()
    await backUp({ dataDirectory: directory, file })
    await open()
    const expected = await everything()
    for (let i = 0; i < 20; i++)
      await client.create(resources.configMaps, { metadata: { name: `later-${i}`, namespace: 'default' } })
    const seen = plane!.store.revision
    await close()

    const second = join(root, 'second')
    expect(restore(second, file)).toContain(`restored ${expected.size} objects`)
    await open(second)
    expect(await everything()).toEqual(expected)
    expect([plane!.pki.ca.certificate, plane!.pki.serviceAccountKey.keyId]).toEqual([ca, kid])
    expect(plane!.store.revision).toBeGreaterThan(seen)
    const created = await client.create(resources.configMaps, {
      metadata: { name: 'new', namespace: 'default' },
    })
    expect(Number(created.metadata.resourceVersion)).toBeGreaterThan(seen)
    // A watch from before must list anew: it can never see time run backwards.
    await expect(plane!.store.watch('/', seen, { onEvents() {}, onEnd() {} })).rejects.toThrow('compacted')
    expect(
      (await client.get(resources.secrets, { namespace: 'default', name: 'db' })).data?.['password'],
    ).toBe(secretValue)
  })

  it('sets the state before aside, and is monotonic over several restores', async () => {
    await open()
    await close()
    await backUp({ dataDirectory: directory, file })
    const said = restore(directory, file)
    const aside = /before is in (\S+)/.exec(said)![1]!
    expect(statSync(join(aside, 'state.db')).size).toBeGreaterThan(0)
    await open()
    const first = plane!.store.revision
    await close()
    restore(directory, file)
    await open()
    expect(plane!.store.revision).toBeGreaterThan(first)
  })

  it('refuses a running cluster and leaves it alone', async () => {
    using _lock = await serve()
    await backUp({ dataDirectory: directory, file })
    expect(() => restore(directory, file)).toThrow('is in use by process')
    expect((await everything()).size).toBeGreaterThan(0)
  })

  it('refuses what is damaged, cut off, foreign or newer, by name, and changes nothing', async () => {
    await open()
    await close()
    await backUp({ dataDirectory: directory, file })
    const whole = readFileSync(file)
    const before = readFileSync(join(directory, 'state.db'))
    const damaged = Buffer.from(whole)
    damaged[Math.floor(whole.length / 2)]! ^= 1
    writeFileSync(file, damaged)
    const body = damaged.subarray(0, damaged.lastIndexOf('\n', damaged.length - 2) + 1)
    const found = createHash('sha256').update(body).digest('hex')
    expect(() => restore(directory, file)).toThrow(`it is damaged: its SHA-256 is ${found}, and should be `)
    writeFileSync(file, whole)
    truncateSync(file, whole.length - 100)
    expect(() => restore(directory, file)).toThrow('it is cut off')
    truncateSync(file, Math.floor(whole.length / 2))
    expect(() => restore(directory, file)).toThrow('it is cut off')
    writeFileSync(file, 'SQLite format 3')
    expect(() => restore(directory, file)).toThrow('it is not a backup of Wheelhouse')
    writeFileSync(file, whole.toString().replace('"version":1', '"version":2'))
    expect(() => restore(directory, file)).toThrow('it has backup version 2, this program knows 1')
    expect(readFileSync(join(directory, 'state.db')).equals(before)).toBe(true)
  })

  it('says so when there is nothing to back up', async () => {
    await expect(backUp({ dataDirectory: directory, file })).rejects.toThrow('holds no cluster')
  })
})
