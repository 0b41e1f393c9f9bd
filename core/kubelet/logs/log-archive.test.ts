import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { createSimulatedWorld, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'
import { createLogArchive } from './log-archive.ts'

let directory = ''
let world: SimulatedWorld
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pod-logs-'))
  world = createSimulatedWorld({}, { logArchive: { directory, keepMs: 60_000 } })
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

it('keeps the logs of a deleted pod for a while, when nothing else of it is left', async () => {
  await world.boot()
  const uid = world.api.createPod(testPod()).metadata.uid!
  await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Running')
  world.api.requestDeletion(uid, 1, world.clock.now())
  await world.eventually(() => world.api.pods.size === 0)
  expect(await world.runtime.listContainers()).toEqual([])
  const file = join(directory, `default_web_${uid}`, 'app', '0.log')
  expect(await readFile(file, 'utf8')).toMatch(/^\S+T\S+Z container app of pod default\/web started/m)

  const clock = new FakeClock(Date.now())
  const archive = createLogArchive(
    { directory, keepMs: 60_000 },
    { runtime: world.runtime, clock, log: silentLogger },
  )
  archive.start()
  await new Promise((resolve) => setImmediate(resolve))
  expect(await readdir(directory)).toHaveLength(1)
  await clock.advance(2 * 60 * 60_000)
  await expect.poll(() => readdir(directory)).toEqual([])
  archive[Symbol.dispose]()
})
