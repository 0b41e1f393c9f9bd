import type { Resource } from '../../api/gvk.ts'
import { controllerOf, objectKey, splitKey, type KubeObject } from '../../api/meta.ts'
import { parseApiVersion } from '../../api/gvk.ts'
import { isConflict } from '../../api/status.ts'
import { TerminalError, type Controller, type ControllerDependencies } from './controller.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { createWorkQueue, type WorkQueue } from './workqueue.ts'

/** What happened to a watched object. */
export interface ObjectChange<T extends KubeObject> {
  type: 'added' | 'updated' | 'deleted'
  object: T
  /** For `updated`: the state before. */
  previous?: T
}

/** A further resource whose changes concern objects of this controller. */
export interface Watch<T extends KubeObject = KubeObject> {
  resource: Resource<T>
  /** Keys to reconcile. Called synchronously after the informer's store has the change. */
  keysOf(change: ObjectChange<T>): Iterable<string>
}

/** Lets a watch be written with its object type inferred. */
export function watchOf<T extends KubeObject>(
  resource: Resource<T>,
  keysOf: (change: ObjectChange<T>) => Iterable<string>,
): Watch {
  return { resource, keysOf } as unknown as Watch
}

export interface Request<T extends KubeObject> {
  key: string
  namespace: string | undefined
  name: string
  /** The object as the informer has it now; undefined when it is gone. Shared: never mutate. */
  object: T | undefined
}

/** What to do next about a key; nothing means: wait for a change. */
export interface Result {
  requeueAfterMs?: number
}

export interface ControllerDefinition<T extends KubeObject> {
  name: string
  for: Resource<T>
  /** Resources whose objects, by their controller reference, lead to the owner's key. */
  owns?: Resource<KubeObject>[]
  watches?: Watch[]
  /** Whether a change of the object itself asks for a reconcile; default always. */
  filter?(change: ObjectChange<T>): boolean
  /** How many keys are processed at once; default 5. */
  workers?: number
  /**
   * Brings the world closer to what the object asks for. Level-based: it gets no event, only the key, and must work from
   * what it reads. Throwing leads to a retry with back-off, a TerminalError to none.
   */
  reconcile(request: Request<T>, queue: WorkQueue): Promise<Result | void>
  /** Runs after the informers have synced and before the workers start. */
  prepare?(queue: WorkQueue): void | Promise<void>
  /** Runs at stop. */
  dispose?(): void
}

/** Wires a definition to informers, a queue and workers. Informers are asked for at once and started by their factory. */
export function defineController<T extends KubeObject>(
  dependencies: ControllerDependencies,
  definition: ControllerDefinition<T>,
): Controller {
  const { informers, clock } = dependencies
  const log = dependencies.log.child(definition.name)
  const observer = dependencies.observeQueue?.(definition.name)
  const queue = createWorkQueue({ clock, rateLimiter: createRateLimiter({ clock }), observer })
  const watches: Watch[] = [ownWatch(definition)]
  for (const resource of definition.owns ?? []) watches.push(ownedWatch(definition.for, resource))
  watches.push(...(definition.watches ?? []))
  const sources = watches.map((watch) => ({ watch, informer: informers.informer(watch.resource) }))
  const store = informers.informer(definition.for).store
  const handlers: Disposable[] = []
  const workers: Promise<void>[] = []
  let starting: Promise<void> | undefined
  let stopped = false

  function subscribe({ watch, informer }: (typeof sources)[number]): void {
    const enqueue = (change: ObjectChange<KubeObject>): void => {
      for (const key of watch.keysOf(change)) queue.add(key)
    }
    handlers.push(
      informer.addHandler({
        added: (object) => enqueue({ type: 'added', object }),
        updated: (object, previous) => enqueue({ type: 'updated', object, previous }),
        deleted: (object) => enqueue({ type: 'deleted', object }),
      }),
    )
  }

  async function process(key: string): Promise<void> {
    try {
      const { namespace, name } = splitKey(key)
      const result = await definition.reconcile({ key, namespace, name, object: store.get(key) }, queue)
      queue.forget(key)
      if (result?.requeueAfterMs !== undefined) queue.addAfter(key, result.requeueAfterMs)
    } catch (error) {
      if (error instanceof TerminalError) {
        queue.forget(key)
        log.error('gave up until the object changes', { key, error })
        return
      }
      // Conflicts are part of normal work: somebody else wrote first.
      if (isConflict(error)) log.debug('conflict, will retry', { key, error })
      else if (!stopped) log.warn('reconcile failed, will retry', { key, error })
      queue.addRateLimited(key)
    } finally {
      queue.done(key)
    }
  }

  async function work(): Promise<void> {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) await process(key)
  }

  async function begin(): Promise<void> {
    for (const source of sources) {
      source.informer.start()
      await source.informer.whenSynced()
    }
    if (stopped) return
    for (const source of sources) subscribe(source)
    await definition.prepare?.(queue)
    for (let i = 0; i < (definition.workers ?? 5); i++) workers.push(work())
  }

  return {
    name: definition.name,
    start: () => (starting ??= begin()),
    async stop() {
      stopped = true
      for (const handler of handlers.splice(0)) handler[Symbol.dispose]()
      queue.shutDown()
      definition.dispose?.()
      await Promise.all(workers)
    },
  }
}

function ownWatch<T extends KubeObject>(definition: ControllerDefinition<T>): Watch {
  return watchOf(definition.for, (change) =>
    definition.filter && !definition.filter(change) ? [] : [objectKey(change.object)],
  )
}

/** Keys of the owners that control an object now, or did before. */
function ownedWatch(owner: Resource, owned: Resource<KubeObject>): Watch {
  return watchOf(owned, ({ object, previous }) => {
    const keys = new Set<string>()
    for (const state of [object, previous]) {
      const reference = state && controllerOf(state)
      if (!reference || reference.kind !== owner.kind) continue
      if (parseApiVersion(reference.apiVersion).group !== owner.group) continue
      const { namespace } = state.metadata
      keys.add(owner.namespaced && namespace ? `${namespace}/${reference.name}` : reference.name)
    }
    return keys
  })
}
