import { afterEach } from 'vitest'
import { createSimulatedWorld } from './simulated-world.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { SimulatedWorld } from './simulated-world.ts'

/** Worlds of a kubelet over a simulated runtime, which end with the test that made them. */
export function useSimulatedWorlds() {
  const worlds: SimulatedWorld[] = []

  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((world) => world[Symbol.asyncDispose]()))
  })

  function createWorld(overrides: Partial<Runtime> = {}): SimulatedWorld {
    const world = createSimulatedWorld(overrides)
    worlds.push(world)
    return world
  }

  return {
    createWorld,
  }
}
