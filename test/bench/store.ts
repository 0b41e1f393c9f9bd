import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '../../core/api/meta.ts'
import { openSqliteStore } from '../../core/storage/sqlite/open-sqlite-store.ts'
import type { Store } from '../../core/storage/store.ts'
import { systemClock } from '../../core/util/clock.ts'
import { silentLogger } from '../../core/util/logger.ts'

/**
 * `npm run bench:store`: durable writes of 2 KB objects. Prints one JSON object: writes per second and latencies in
 * milliseconds at 1 and 32 writers, bytes on disk per write, and the time to open a store of 10,000 objects.
 */
const objectBytes = 2048
const liveObjects = 10_000

interface Figures {
  writers: number
  writes: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

function bigObject(name: string): KubeObject & { data: { payload: string } } {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'bench' },
    data: { payload: 'x'.repeat(objectBytes - 140) },
  }
}
const keyOf = (at: number): string => `/core/configmaps/bench/object-${String(at).padStart(6, '0')}`

async function fill(store: Store): Promise<void> {
  await Promise.all(
    Array.from({ length: liveObjects }, (_, at) => store.create(keyOf(at), bigObject(`object-${at}`))),
  )
}

async function measure(store: Store, writers: number, durationMs: number): Promise<Figures> {
  const latencies: number[] = []
  const started = performance.now()
  const writer = async (id: number): Promise<void> => {
    for (let at = id; performance.now() - started < durationMs; at = (at + 7919) % liveObjects) {
      const before = performance.now()
      await store.update(keyOf(at), (current) => ({ ...current.object }))
      latencies.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, id) => writer(id * 17)))
  const seconds = (performance.now() - started) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => round(latencies[Math.floor((latencies.length - 1) * share)] ?? 0)
  return {
    writers,
    writes: latencies.length,
    perSecond: Math.round(latencies.length / seconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-bench-'))
  const file = join(folder, 'store.db')
  const open = (): Promise<Store> => openSqliteStore({ file, clock: systemClock, log: silentLogger })
  try {
    let store = await open()
    await fill(store)
    await store.close()
    const bytesBefore = (await stat(file)).size

    const opening = performance.now()
    store = await open()
    const openMs = round(performance.now() - opening)

    const single = await measure(store, 1, 3_000)
    const many = await measure(store, 32, 5_000)
    const listing = performance.now()
    const { entries } = await store.list('/core/configmaps/', { limit: 2_000 })
    const list2000Ms = round(performance.now() - listing)
    await store.close()
    const bytesAfter = (await stat(file)).size
    const result = {
      objectBytes: entries[0]?.bytes.length,
      results: [single, many],
      bytesOnDiskPerWrite: Math.round((bytesAfter - bytesBefore) / (single.writes + many.writes)),
      openWith10000ObjectsMs: openMs,
      list2000Ms,
    }
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

await main()
