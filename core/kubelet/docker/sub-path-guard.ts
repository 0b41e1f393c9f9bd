import type Docker from 'dockerode'
import { setTimeout as elapsed } from 'node:timers/promises'
import { RuntimeError } from '../runtime/runtime.ts'
import { engineMessage, engineStatus } from './docker-errors.ts'

/** A path of the engine's host that is about to be bound. */
export interface GuardedPath {
  /** The volume's directory on the engine's host. */
  hostDirectory: string
}

const pauseRetryMs = 20
const pauseTries = 250

/**
 * Runs `work` while no container can change the volumes: between looking where a path leads and the engine's binding it, a
 * container must not be able to put a link in its place (the attack of CVE-2017-1002101 and CVE-2021-25741). Containers
 * that can write to them are paused meanwhile; mostly there are none, for their pod is only starting.
 */
export async function withFrozenWriters<T>(
  docker: Docker,
  paths: readonly GuardedPath[],
  work: () => Promise<T>,
): Promise<T> {
  const frozen: Docker.Container[] = []
  try {
    for (const id of await writersOf(docker, paths)) {
      const container = docker.getContainer(id)
      if (await pause(container)) frozen.push(container)
    }
    return await work()
  } finally {
    await Promise.all(frozen.map((container) => container.unpause().catch(ignoreGone)))
  }
}

/** Running containers that have one of the directories, or a part or a parent of it, mounted to write to. */
async function writersOf(docker: Docker, paths: readonly GuardedPath[]): Promise<string[]> {
  const containers = await docker.listContainers({ filters: { status: ['running', 'paused'] } })
  return containers
    .filter(({ Labels, Mounts }) => {
      // Sandboxes only sleep, and every pod has one with all its volumes.
      if (Labels['io.kubernetes.docker.type'] === 'podsandbox') return false
      return Mounts.some(
        ({ RW, Source }) => RW && paths.some(({ hostDirectory }) => overlaps(Source, hostDirectory)),
      )
    })
    .map(({ Id }) => Id)
}

function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(b === '/' ? b : `${b}/`) || b.startsWith(a === '/' ? a : `${a}/`)
}

/** False when it ended meanwhile. One that somebody else holds is waited for, so that it is not let go under us. */
async function pause(container: Docker.Container): Promise<boolean> {
  for (let tries = 0; tries < pauseTries; tries++) {
    try {
      await container.pause()
      return true
    } catch (error) {
      const message = engineMessage(error)
      if (engineStatus(error) === 404 || /is not running/.test(message)) return false
      if (!/already paused/.test(message)) {
        throw new RuntimeError(
          'RunContainerError',
          `subPath needs an engine that can pause containers: ${message}`,
          { cause: error },
        )
      }
    }
    await elapsed(pauseRetryMs)
  }
  throw new RuntimeError('RunContainerError', 'a container that shares a volume with a subPath stays paused')
}

function ignoreGone(error: unknown): void {
  if (engineStatus(error) !== 404 && !/is not (paused|running)/.test(engineMessage(error))) throw error
}
