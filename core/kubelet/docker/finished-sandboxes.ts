import type Docker from 'dockerode'
import type { EngineCall } from './engine-call.ts'
import { label, ownedFilters } from './labels.ts'
import type { Owner } from './labels.ts'

/**
 * Which sandboxes were made to the end: the engine knows one as running from its start on, but its files are written after that, and
 * this may fail, or the process may end in between.
 */
export interface FinishedSandboxes {
  add(id: string): void
  delete(id: string): void
  /** A sandbox of an earlier process is known by the containers in it: they come last. Rejects when the engine cannot tell. */
  known(): Promise<ReadonlySet<string>>
}

/** None yet but those of earlier processes, which are asked for once. */
export function createFinishedSandboxes(options: {
  docker: Docker
  call: EngineCall
  owner: Owner
}): FinishedSandboxes {
  const { docker, call, owner } = options
  const finished = new Set<string>()
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    const filters = ownedFilters(owner, { [label.type]: 'container' })
    const containers = await call('ListSandboxesError', () => docker.listContainers({ all: true, filters }))
    for (const { Labels } of containers) finished.add(Labels[label.sandboxId] ?? '')
  }

  return {
    add: (id) => void finished.add(id),
    delete: (id) => void finished.delete(id),
    async known() {
      reading ??= read()
      try {
        await reading
      } catch (error) {
        reading = undefined
        throw error
      }
      return finished
    },
  }
}
