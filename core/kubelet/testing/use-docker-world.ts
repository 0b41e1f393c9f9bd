import { afterAll, afterEach, beforeAll } from 'vitest'
import { createDockerWorld, type DockerWorld } from './docker-world.ts'

/** A node on Docker for a file; no pod outlives its test. */
export function useDockerWorld() {
  let world: DockerWorld

  beforeAll(async () => {
    world = await createDockerWorld()
  })
  afterEach(() => world.removePods())
  afterAll(() => world[Symbol.asyncDispose]())

  return {
    get world() {
      return world
    },
    phaseOf: (uid: string): string | undefined => world.api.pod(uid)?.status?.phase,
  }
}
