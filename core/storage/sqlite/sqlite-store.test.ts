import { spawn } from 'node:child_process'
import { mkdtemp, open as openFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { StorageFailureError } from '../store.ts'
import type { Store } from '../store.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const folders: string[] = []
let file: string
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-sqlite-'))
  folders.push(folder)
  file = join(folder, 'store.db')
})
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

function open(options: { maxPages?: number } = {}): Promise<Store> {
  return openSqliteStore({ file, clock: systemClock, log: silentLogger, ...options })
}
function item(name: string, payload = ''): KubeObject & { payload: string } {
  return { metadata: { name }, payload }
}

describe('sqlite store on disk', () => {
  it('holds everything after closing and opening again', async () => {
    let store = await open()
    await store.create('/core/items/a', item('a', '한글'))
    await store.create('/core/items/b', item('b'))
    await store.update('/core/items/a', (current) => ({ ...current.object, payload: '2' }) as KubeObject)
    await store.delete('/core/items/b')
    await store.compact(4)
    await store.close()

    store = await open()
    expect([store.revision, store.compactedRevision]).toEqual([4, 4])
    expect(await store.get('/core/items/b')).toBeUndefined()
    expect(await store.get('/core/items/a')).toMatchObject({ createRevision: 1, revision: 3 })
    expect((await store.create('/core/items/c', item('c'))).revision).toBe(5)
    await store.close()
  })

  it('refuses writes when the disk is full, loses nothing, and goes on when there is room', async () => {
    let store = await open({ maxPages: 60 })
    const acknowledged = new Map<string, number>()
    const failures: unknown[] = []
    const write = async (name: string): Promise<void> => {
      try {
        acknowledged.set(
          name,
          (await store.create(`/core/items/${name}`, item(name, 'x'.repeat(9_000)))).revision,
        )
      } catch (error) {
        failures.push(error)
      }
    }
    for (let round = 0; failures.length === 0; round++) {
      await Promise.all(Array.from({ length: 8 }, (_, i) => write(`n${round}-${i}`)))
    }
    expect(failures[0]).toBeInstanceOf(StorageFailureError)
    expect(String(failures[0])).toContain('full')
    const revision = store.revision
    expect((await store.list('/core/items/')).entries).toHaveLength(acknowledged.size)
    const refused = await store
      .create('/core/items/late', item('late', 'x'.repeat(90_000)))
      .catch((e: unknown) => e)
    expect(refused).toBeInstanceOf(StorageFailureError)
    expect(await store.get('/core/items/late')).toBeUndefined()
    await store.close()

    store = await open()
    expect(store.revision).toBe(revision)
    const names = (await store.list('/core/items/')).entries.map((entry) => entry.object.metadata.name)
    expect(names.sort()).toEqual([...acknowledged.keys()].sort())
    expect((await store.create('/core/items/late', item('late', 'x'.repeat(90_000)))).revision).toBe(
      revision + 1,
    )
    await store.close()
  })

  it('writes again by itself once a full disk has room, without using a number twice', async () => {
    const store = await open({ maxPages: 40 })
    await store.create('/core/items/a', item('a', 'a'))
    const failed = await store
      .create('/core/items/b', item('b', 'x'.repeat(900_000)))
      .catch((e: unknown) => e)
    expect(failed).toBeInstanceOf(StorageFailureError)
    const next = await store.create('/core/items/b', item('b', 'small'))
    expect(next.revision).toBe(3)
    await store.close()
  })

  it('says why it cannot open', async () => {
    const store = await open()
    await store.create('/core/items/a', item('a'))
    await expect(open()).rejects.toThrow(`cannot open the store ${file}: another process has it open`)
    await store.close()

    const newer = new DatabaseSync(file)
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    await expect(open()).rejects.toThrow('written by a newer version of Wheelhouse (store version 99')

    const foreign = new DatabaseSync(file)
    foreign.exec('PRAGMA user_version = 1; PRAGMA application_id = 7')
    foreign.close()
    await expect(open()).rejects.toThrow('it is not a Wheelhouse store')

    await writeFile(file, 'this is no database at all, only a text of some length'.repeat(40))
    await expect(open()).rejects.toThrow('it is not a SQLite file, or it is damaged')

    file = join(file, '..', 'missing', 'store.db')
    await expect(open()).rejects.toThrow('it cannot be opened or created')
  })

  it('notices a damaged page after an unclean end', async () => {
    const store = await open()
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        store.create(`/core/items/n${i}`, item(`n${i}`, 'x'.repeat(500))),
      ),
    )
    await store.close()
    const database = new DatabaseSync(file)
    database.exec(`UPDATE meta SET value = 0 WHERE name = 'clean'`)
    database.close()
    const handle = await openFile(file, 'r+')
    await handle.write(Buffer.alloc(8_192 * 3, 0xa5), 0, 8_192 * 3, 8_192 * 4)
    await handle.close()
    await expect(open()).rejects.toThrow('it is damaged')
  })
})

const storm = `
  import { writeSync } from 'node:fs'
  const [modules, file, round] = JSON.parse(process.env.STORM)
  const { openSqliteStore } = await import(modules + '/storage/sqlite/open-sqlite-store.ts')
  const { systemClock } = await import(modules + '/util/clock.ts')
  const { silentLogger } = await import(modules + '/util/logger.ts')
  const store = await openSqliteStore({ file, clock: systemClock, log: silentLogger })
  const acknowledge = (key, entry) => {
    for (;;) {
      try {
        return writeSync(1, key + ' ' + entry.revision + '\\n')
      } catch (error) {
        // The pipe is full because the parent is busy: it will drain.
        if (error.code !== 'EAGAIN') throw error
      }
    }
  }
  for (let writer = 0; writer < 16; writer++) void (async () => {
    const counter = '/core/counters/' + writer
    if (!(await store.get(counter))) await store.create(counter, { metadata: { name: String(writer) } })
    for (let i = 0; ; i++) {
      const key = '/core/items/' + round + '-' + writer + '-' + i
      acknowledge(key, await store.create(key, { metadata: { name: key }, payload: 'x'.repeat(1500), end: true }))
      acknowledge(counter, await store.update(counter, (current) => ({ ...current.object, i })))
      if (i % 5 === 4) {
        const gone = '/core/items/' + round + '-' + writer + '-' + (i - 1)
        acknowledge('-' + gone, await store.delete(gone))
      }
    }
  })()
`

/** Runs the storm until it has acknowledged `count` writes, and kills it. Gives key → revision, `-key` for deletions. */
async function stormUntil(count: number, round: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', storm], {
    env: { ...process.env, STORM: JSON.stringify([new URL('../..', import.meta.url).href, file, round]) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const acknowledged = new Map<string, number>()
  for await (const line of createInterface({ input: child.stdout })) {
    const [key, revision] = line.split(' ')
    // The kill may have cut the last line short.
    if (!key || !revision || !line.startsWith('/core/', key.startsWith('-') ? 1 : 0)) continue
    acknowledged.set(key, Number(revision))
    if (acknowledged.size >= count && !child.killed) child.kill('SIGKILL')
  }
  await exited
  return acknowledged
}

describe('a process killed in a write storm', () => {
  it('loses no acknowledged write, keeps no half one, and never goes back, 20 times over', async () => {
    let lastRevision = 0
    const deleted = new Set<string>()
    const created = new Map<string, number>()
    for (let round = 0; round < 20; round++) {
      const acknowledged = await stormUntil(100 + 20 * round, round)
      expect(acknowledged.size).toBeGreaterThanOrEqual(100 + 20 * round)
      const store = await open()
      for (const [key, revision] of acknowledged) {
        expect(revision).toBeGreaterThan(lastRevision)
        expect(revision).toBeLessThanOrEqual(store.revision)
        if (key.startsWith('-')) {
          deleted.add(key.slice(1))
          expect(await store.get(key.slice(1))).toBeUndefined()
          continue
        }
        if (key.startsWith('/core/items/')) created.set(key, revision)
        else expect((await store.get(key))!.revision).toBeGreaterThanOrEqual(revision)
      }
      let missing = 0
      for (const [key, revision] of created) {
        const entry = await store.get(key)
        // A deletion may be durable without its acknowledgement having come through; then the history says so.
        if (entry) expect(entry.revision).toBe(revision)
        else if (!deleted.has(key)) missing++
        expect((await store.getAt(key, revision))?.object).toMatchObject({ end: true })
      }
      expect(missing).toBeLessThanOrEqual(16 * (round + 1))
      for (const { object, revision } of (await store.list('/')).entries) {
        expect(object.metadata.resourceVersion).toBe(String(revision))
      }
      expect(store.revision).toBeGreaterThanOrEqual(lastRevision + acknowledged.size)
      lastRevision = store.revision
      await store.close()
    }
  }, 60_000)
})
