import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerWorld } from '../testing/docker-world.ts'
import type { DockerWorld } from '../testing/docker-world.ts'

let world: DockerWorld

beforeAll(async () => {
  world = await createDockerWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

describe('a node on Docker', () => {
  it('is measured as a whole without its containers', async () => {
    const { machine, fileSystem, containers } = await world.runtime.usage({ containers: [], sandboxes: [] })
    expect(containers.size).toBe(0)
    expect(machine!.availableBytes).toBeGreaterThan(0)
    expect(fileSystem!.capacityBytes).toBeGreaterThan(fileSystem!.availableBytes)
    expect(fileSystem!.availableBytes).toBeGreaterThan(0)
  })

  it('counts what a container logged', async () => {
    const containers = [world.run('app', 'head -c 300000 /dev/zero | tr "\\0" x; echo; exec sleep 600')]
    const uid = world.create({ containers }, 'talker')
    let logged = 0
    await world.eventually(async () => {
      const [container] = await world.runtime.listContainers(uid)
      const sizes = await world.runtime.logBytes(container ? [container.id, 'f'.repeat(64)] : [])
      logged = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
      return logged > 300_000
    })
    // The engine keeps a line of JSON for each 16 KiB.
    expect(logged).toBeLessThan(320_000)
    await world.removePods()
  })

  it('evicts a pod that writes more than its ephemeral-storage limit', async () => {
    const resources = { limits: { 'ephemeral-storage': '2Mi' } }
    const script = 'dd if=/dev/zero of=/big bs=1M count=5; exec sleep 600'
    const uid = world.create({ containers: [world.run('app', script, { resources })] })
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Failed', 150_000)
    expect(world.api.pod(uid)?.status).toMatchObject({
      reason: 'Evicted',
      message: 'Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ',
    })
  })
})
