import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import { createSimulatedWorld } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let directory = ''
let world: SimulatedWorld
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'manifests-'))
  world = createSimulatedWorld({}, { staticPods: { directory, decode: (json) => JSON.parse(json) as Pod } })
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function write(image: string, file = 'web.json'): Promise<void> {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { terminationGracePeriodSeconds: 5, containers: [{ name: 'app', image }] },
  }
  return writeFile(join(directory, file), JSON.stringify(pod))
}

function mirror(): Pod | undefined {
  return [...world.api.pods.values()].find(({ metadata }) => metadata.name === 'web-node-1')
}

const imageOf = (pod: Pod | undefined): string | undefined => pod?.spec.containers[0]!.image
const isRunning = (): boolean => mirror()?.status?.phase === 'Running'

describe('a static pod', () => {
  it('runs without the API server’s doing and is seen there by its mirror', async () => {
    await write('nginx:1')
    const kubelet = await world.boot()
    await world.eventually(isRunning)
    const { metadata, spec } = mirror()!
    const hash = metadata.annotations!['kubernetes.io/config.hash']!
    expect(metadata).toMatchObject({
      namespace: 'default',
      labels: { app: 'web' },
      annotations: { 'kubernetes.io/config.mirror': hash, 'kubernetes.io/config.source': 'file' },
      ownerReferences: [{ kind: 'Node', name: 'node-1', controller: true }],
    })
    expect(metadata.uid).not.toBe(hash)
    expect(spec).toMatchObject({
      nodeName: 'node-1',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    })
    expect((await world.runtime.listContainers()).map(({ pod }) => pod.uid)).toEqual([hash])
    const target = { namespace: 'default', name: 'web-node-1', uid: metadata.uid! }
    const signal = new AbortController().signal
    const log = { container: 'app', follow: false, previous: false, timestamps: false, signal }
    expect(await text(await kubelet.backend.logs(target, log))).toContain('container app')
  })

  it('outlives its mirror, which comes back with its status', async () => {
    await write('nginx:1')
    await world.boot()
    await world.eventually(isRunning)
    const [container] = await world.runtime.listContainers()
    const { uid } = mirror()!.metadata
    world.api.requestDeletion(uid!, 30, world.clock.now())
    await world.eventually(() => mirror() !== undefined && mirror()?.metadata.uid !== uid && isRunning())
    expect((await world.runtime.listContainers()).map(({ id, state }) => [id, state])).toEqual([
      [container!.id, 'running'],
    ])
  })

  it('changes and goes with its file', async () => {
    await write('nginx:1')
    await world.boot()
    await world.eventually(isRunning)
    const first = mirror()!.metadata.uid
    await write('nginx:2')
    await world.eventually(() => imageOf(mirror()) === 'nginx:2' && isRunning(), 40_000)
    expect(mirror()!.metadata.uid).not.toBe(first)
    await world.eventually(() => world.api.pods.size === 1)
    await rm(join(directory, 'web.json'))
    await world.eventually(() => world.api.pods.size === 0, 40_000)
    expect(await world.runtime.listContainers()).toEqual([])
  })

  it('that changed begins only after the one before it has ended, whatever the file says meanwhile', async () => {
    await world[Symbol.asyncDispose]()
    const log: string[] = []
    const read: string[] = []
    let stopping = Promise.withResolvers<void>()
    const release = async (image: string): Promise<void> => {
      await world.eventually(() => read.at(-1) === image, 60_000)
      await world.clock.advance(1_000)
      stopping.resolve()
      stopping = Promise.withResolvers()
    }
    const decode = (json: string): Pod => {
      const pod = JSON.parse(json) as Pod
      read.push(imageOf(pod) ?? '')
      return pod
    }
    const imageOfId = async (id: string): Promise<string> => (await inner.containerStatus(id))?.image ?? ''
    const { runtime: inner } = createSimulatedWorld()
    world = createSimulatedWorld(
      {
        ...inner,
        async startContainer(id) {
          log.push(`start ${await imageOfId(id)}`)
          await inner.startContainer(id)
        },
        async stopContainer(id) {
          log.push(`stop ${await imageOfId(id)}`)
          await stopping.promise
          await inner.stopContainer(id, 0)
          log.push(`stopped ${await imageOfId(id)}`)
        },
      },
      { staticPods: { directory, decode } },
    )
    await write('nginx:1')
    await world.boot()
    await world.eventually(isRunning)
    await write('nginx:2')
    await world.eventually(() => log.includes('stop nginx:1'), 40_000)
    await write('nginx:3')
    await release('nginx:3')
    await world.eventually(() => log.includes('start nginx:3'), 60_000)
    expect(log).toEqual(['start nginx:1', 'stop nginx:1', 'stopped nginx:1', 'start nginx:3'])
    await world.eventually(() => imageOf(mirror()) === 'nginx:3' && isRunning())

    // Back to what it was while that is still ending.
    await write('nginx:4')
    await world.eventually(() => log.includes('stop nginx:3'), 40_000)
    await write('nginx:3')
    await release('nginx:3')
    await world.eventually(() => log.filter((line) => line === 'start nginx:3').length === 2, 60_000)
    expect(log.slice(4)).toEqual(['stop nginx:3', 'stopped nginx:3', 'start nginx:3'])
  })

  it('is carried on with after a restart of the kubelet, and ended when its file went meanwhile', async () => {
    await write('nginx:1')
    const kubelet = await world.boot()
    await world.eventually(isRunning)
    const { uid } = mirror()!.metadata
    const started = mirror()!.status!.startTime
    await kubelet.stop({ containers: 'keep' })
    await world.clock.advance(5_000)
    const again = await world.boot()
    await world.eventually(isRunning)
    expect(mirror()).toMatchObject({ metadata: { uid }, status: { startTime: started } })
    await again.stop({ containers: 'keep' })
    await rm(join(directory, 'web.json'))
    await world.boot()
    await world.eventually(() => world.api.pods.size === 0)
    for (let turn = 0; turn < 100; turn++) await world.clock.advance(50)
    expect(await world.runtime.listContainers()).toEqual([])
  })

  it('is not there when its file is broken: an event says why, and others run', async () => {
    await writeFile(join(directory, 'broken.json'), '{')
    await writeFile(join(directory, '.hidden.json'), '{')
    await write('nginx:1')
    await world.boot()
    await world.eventually(isRunning)
    const problems = world.api.events.filter(({ reason }) => reason === 'InvalidStaticPod')
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Could not process manifest file broken\.json: .*JSON/),
    ])
  })
})
