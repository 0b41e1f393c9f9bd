import type { KubeObject } from '../api/meta.ts'
import type { ResourceRegistry } from '../registry/registry.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'

/** A picture of every object of a cluster-scoped kind that follows the registry. */
export interface FollowedObjects<T extends KubeObject> extends Disposable {
  readonly objects: ReadonlyMap<string, T>
}

const retryMs = 200

/**
 * Reads all objects and follows them; `onChange` is called for each that was added, changed or, without an object,
 * deleted, and for those that the first reading finds. Resolves after that.
 */
export async function followObjects<T extends KubeObject>(
  resource: ResourceRegistry,
  onChange: (name: string, object: T | undefined) => void,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<FollowedObjects<T>> {
  const objects = new Map<string, T>()
  let watch: { close(): void } | undefined
  let retry: Disposable | undefined
  let isStopped = false

  function set(object: T): void {
    const { name, resourceVersion } = object.metadata
    if (objects.get(name)?.metadata.resourceVersion === resourceVersion) return
    objects.set(name, object)
    onChange(name, object)
  }
  function remove(name: string): void {
    if (objects.delete(name)) onChange(name, undefined)
  }
  async function start(): Promise<void> {
    const page = await resource.list({})
    const names = new Set(page.entries.map(({ object }) => object.metadata.name))
    for (const name of [...objects.keys()]) if (!names.has(name)) remove(name)
    for (const { object } of page.entries) set(object as T)
    const started = await resource.watch(
      { resourceVersion: page.resourceVersion },
      {
        onEvents(events) {
          for (const { type, object } of events) {
            if (type === 'DELETED') remove(object.metadata.name)
            else if (type !== 'BOOKMARK') set(object as T)
          }
        },
        onEnd: (error) => again(error),
      },
    )
    watch = started
    if (isStopped) started.close()
  }
  function again(error: unknown): void {
    if (isStopped) return
    log.warn('a watch inside the API server ended', { resource: resource.definition.names.plural, error })
    retry = clock.after(retryMs, () => void start().catch(again))
  }

  await start()
  return {
    objects,
    [Symbol.dispose]() {
      isStopped = true
      watch?.close()
      retry?.[Symbol.dispose]()
    },
  }
}
