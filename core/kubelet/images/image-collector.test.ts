import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultKubeletSettings } from '../kubelet-settings.ts'
import type { ImageCollection } from '../kubelet-settings.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import { noUsage } from '../runtime/usage.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

const gibi = 2 ** 30
const minute = 60_000

let directory = ''
let world: SimulatedWorld
/** What the engine has; a registry has everything. */
let images: Map<string, ImageStatus>
let availableBytes = 0

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'images-'))
  createWorld({ thresholds: { high: 85, low: 80 }, minimumAgeMs: 2 * minute })
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function createWorld(imageCollection: ImageCollection): void {
  availableBytes = 50 * gibi
  images = new Map([['mine:1', image('mine:1')]])
  world = createSimulatedWorld(
    {
      imageStatus: async (reference) => images.get(reference),
      async pullImage(reference) {
        const pulled = image(reference)
        images.set(reference, pulled)
        return { image: pulled }
      },
      async removeImage(reference) {
        if (reference === 'others:1') throw new RuntimeError('RemoveImageError', 'a container uses it')
        images.delete(reference)
        availableBytes += gibi
      },
      async usage() {
        const usage = noUsage()
        const capacityBytes = 100 * gibi
        const usedBytes = capacityBytes - availableBytes
        usage.fileSystem = { capacityBytes, availableBytes, usedBytes, inodes: 0, inodesFree: 0 }
        return usage
      },
    },
    {
      pulledImagesFile: join(directory, 'node-1.json'),
      settings: { ...defaultKubeletSettings, imageCollection },
    },
  )
}

function image(reference: string): ImageStatus {
  return { id: `sha256:${reference}`, tags: [reference], digests: [`${reference}@sha256:1`], sizeBytes: gibi }
}

/** Runs one pod of this image, and ends it unless it is to stay. */
async function use(reference: string, stays = false): Promise<void> {
  const name = reference.replace(':', '-')
  const pod = testPod({ containers: [testContainer('app', { image: reference })] }, { name })
  const uid = world.api.createPod(pod).metadata.uid!
  await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Running')
  if (stays) return
  world.api.requestDeletion(uid, 0, world.clock.now())
  for (let turn = 0; turn < 50; turn++) await world.clock.advance(100)
}

async function pass(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 5_000) {
    await world.clock.advance(5_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const kept = (): string[] => [...images.keys()].toSorted()

describe('image garbage collection', () => {
  it('removes what this kubelet pulled and nobody uses, the longest unused first, until enough is free', async () => {
    const kubelet = await world.boot()
    await use('old:1')
    await use('others:1')
    await pass(minute)
    await use('newer:1')
    await use('mine:1')
    await use('running:1', true)
    await pass(6 * minute)
    expect(kept()).toEqual(['mine:1', 'newer:1', 'old:1', 'others:1', 'running:1'])

    // The list outlives the kubelet.
    await kubelet.stop({ containers: 'keep' })
    expect(await readFile(join(directory, 'node-1.json'), 'utf8')).toContain('old:1')
    availableBytes = 14.5 * gibi
    await world.boot()
    await world.eventually(() => kept().join() === 'mine:1,others:1,running:1', 12 * minute)
    const failure = world.api.events.find(({ reason }) => reason === 'FreeDiskSpaceFailed')
    expect(failure?.message).toBe(
      'Failed to garbage collect required amount of images. ' +
        `Attempted to free ${5.5 * gibi} bytes, but only found ${2 * gibi} bytes eligible to free.`,
    )
  })

  it('stops when enough is free', async () => {
    await world.boot()
    await use('old:1')
    await pass(minute)
    await use('newer:1')
    availableBytes = 14.5 * gibi
    images.set('old:1', { ...image('old:1'), sizeBytes: 6 * gibi })
    await pass(6 * minute)
    expect(kept()).toEqual(['mine:1', 'newer:1'])
  })

  it('leaves images alone on a desktop’s disk that is nearly full while some gigabytes are free', async () => {
    createWorld(defaultKubeletSettings.imageCollection)
    await world.boot()
    await use('old:1')
    availableBytes = 5 * gibi
    await pass(12 * minute)
    expect(kept()).toEqual(['mine:1', 'old:1'])
    availableBytes = 3.5 * gibi
    await pass(6 * minute)
    expect(kept()).toEqual(['mine:1'])
  })
})
