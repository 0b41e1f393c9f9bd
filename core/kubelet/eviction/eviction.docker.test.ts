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

  it('evicts a pod that writes more than its ephemeral-storage limit', { timeout: 120_000 }, async () => {
    const resources = { limits: { 'ephemeral-storage': '2Mi' } }
    const script = 'dd if=/dev/zero of=/big bs=1M count=5; exec sleep 600'
    const uid = world.create({ containers: [world.run('app', script, { resources })] })
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Failed', 100_000)
    expect(world.api.pod(uid)?.status).toMatchObject({
      reason: 'Evicted',
      message: 'Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ',
    })
  })
})
