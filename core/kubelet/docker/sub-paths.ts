import type Docker from 'dockerode'
import type { NodeAgent, SubPath } from '../runtime/node-agent.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ContainerSpec } from '../runtime/specs.ts'
import type { ResolvedMount } from './container-config.ts'
import { volumeRoot } from './sandbox-config.ts'
import type { VolumeSource } from './sandboxes.ts'
import { withFrozenWriters } from './sub-path-guard.ts'

/** Sees to it that a sub-path is bound only where it stays inside its volume. */
export interface SubPaths {
  /** The container's mounts with the places their sub-paths lead to now. Rejects when one leads out of its volume. */
  resolve(spec: ContainerSpec, volumes: Map<string, VolumeSource>): Promise<ResolvedMount[]>
  /** Keeps what a created container is to have bound, for `guard`. */
  remember(id: string, sandboxId: string, bound: BoundMounts): void
  /** Starts a container; one with sub-paths only while they lead where they led when it was made. */
  guard(id: string, start: () => Promise<unknown>): Promise<void>
  forget(id: string): void
}

interface BoundMounts {
  mounts: ResolvedMount[]
  volumes: Map<string, VolumeSource>
}

interface Guarded {
  sandboxId: string
  subPaths: SubPath[]
  expected: string[]
  hostDirectories: string[]
}

const rootOf = (volume: string): string => `${volumeRoot}/${volume}`

/** Sub-paths of the containers of one node. */
export function createSubPaths(options: {
  docker: Docker
  agent: NodeAgent
  pid: (sandboxId: string) => Promise<number>
}): SubPaths {
  const { docker, agent, pid } = options
  const guarded = new Map<string, Guarded>()

  return {
    async resolve(spec, volumes) {
      const wanted = spec.mounts.filter(({ subPath, volume }) => subPath && volumes.has(volume))
      if (wanted.length === 0) return spec.mounts
      const subPaths = wanted.map(({ volume, subPath = '' }) => ({ root: rootOf(volume), path: subPath }))
      const found = await agent.resolveSubPaths(await pid(spec.sandboxId), subPaths)
      const places = new Map(wanted.map((mount, index) => [mount, found[index]]))
      return spec.mounts.map((mount) => {
        if (!places.has(mount)) return mount
        const place = places.get(mount)
        if (place === undefined) throw outside(mount.volume, spec.name)
        return { ...mount, resolved: place.slice(rootOf(mount.volume).length) }
      })
    },

    remember(id, sandboxId, { mounts, volumes }) {
      const bound = mounts.filter(({ resolved }) => resolved !== undefined)
      if (bound.length === 0) return
      guarded.set(id, {
        sandboxId,
        subPaths: bound.map(({ volume, subPath = '' }) => ({ root: rootOf(volume), path: subPath })),
        expected: bound.map(({ volume, resolved = '' }) => `${rootOf(volume)}${resolved}`),
        hostDirectories: bound.map(({ volume }) => volumes.get(volume)?.hostDirectory ?? ''),
      })
    },

    async guard(id, start) {
      const kept = guarded.get(id)
      if (!kept) {
        await start()
        return
      }
      const paths = [...new Set(kept.hostDirectories)].map((hostDirectory) => ({ hostDirectory }))
      await withFrozenWriters(docker, paths, async () => {
        const found = await agent.resolveSubPaths(await pid(kept.sandboxId), kept.subPaths)
        const moved = kept.expected.findIndex((place, index) => found[index] !== place)
        if (moved >= 0) {
          throw new RuntimeError(
            'RunContainerError',
            `subPath "${kept.subPaths[moved]?.path ?? ''}" leads elsewhere than when the container was made`,
          )
        }
        await start()
      })
      guarded.delete(id)
    },

    forget: (id) => void guarded.delete(id),
  }
}

function outside(volume: string, container: string): RuntimeError {
  const message = `failed to prepare subPath for volumeMount "${volume}" of container "${container}"`
  return new RuntimeError('CreateContainerConfigError', message)
}
