import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Runtime, RuntimeChange } from '../runtime/runtime.ts'
import { podState } from './pod-state.ts'
import type { PodState } from './pod-state.ts'

/**
 * What the runtime has, by pod (upstream: PLEG and its pod cache). Fed by the runtime's events; a slow relist finds what
 * events missed. Reading a pod that nothing happened to costs no call to the runtime.
 */
export interface RuntimeCache extends Disposable {
  /** The pod's state, read anew when something happened to it. Rejects when the runtime cannot tell. */
  get(uid: string): Promise<PodState>
  /** Makes the next `get` ask the runtime: for whoever changed something itself. */
  invalidate(uid: string): void
  forget(uid: string): void
  /** Reads everything; afterwards `uids` is complete. */
  relist(): Promise<void>
  /** What is known now, without asking the runtime. */
  states(): PodState[]
  /** Pods that have sandboxes or containers. */
  uids(): string[]
}

const relistPeriodMs = 60_000

interface Entry {
  state: PodState | undefined
  /** Grows with every change, so that an answer older than a change is not taken for current. */
  version: number
}

interface RuntimeCacheOptions {
  runtime: Runtime
  clock: Clock
  log: Logger
  /** Called with every pod to look at again. */
  onChange: (uid: string) => void
  /** Told how long each reading of everything took. */
  onRelist?: (ms: number) => void
}

/** Starts to follow the runtime. */
export function createRuntimeCache(options: RuntimeCacheOptions): RuntimeCache {
  const { runtime, clock, log, onChange } = options
  const entries = new Map<string, Entry>()
  let relisting: Promise<void> | undefined

  function entryOf(uid: string): Entry {
    let entry = entries.get(uid)
    if (!entry) {
      entry = { state: undefined, version: 0 }
      entries.set(uid, entry)
    }
    return entry
  }

  function invalidate(uid: string): void {
    const entry = entryOf(uid)
    entry.state = undefined
    entry.version++
  }

  async function get(uid: string): Promise<PodState> {
    const entry = entryOf(uid)
    if (entry.state) return entry.state
    const { version } = entry
    const [sandboxes, containers] = await Promise.all([
      runtime.listSandboxes(uid),
      runtime.listContainers(uid),
    ])
    const state = podState(sandboxes, containers)
    if (entry.version === version) entry.state = state
    return state
  }

  async function relist(): Promise<void> {
    const beganAt = clock.now()
    const versions = new Map([...entries].map(([uid, entry]) => [uid, entry.version]))
    const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()])
    const uids = new Set([...sandboxes, ...containers].map(({ pod }) => pod.uid))
    for (const uid of entries.keys()) uids.add(uid)
    for (const uid of uids) {
      const state = podState(
        sandboxes.filter(({ pod }) => pod.uid === uid),
        containers.filter(({ pod }) => pod.uid === uid),
      )
      const entry = entryOf(uid)
      if (entry.version !== (versions.get(uid) ?? 0)) continue
      const changed = JSON.stringify(entry.state) !== JSON.stringify(state)
      entry.state = state
      if (changed) onChange(uid)
    }
    options.onRelist?.(clock.now() - beganAt)
  }

  function relistSoon(): void {
    relisting ??= relist()
      .catch((error: unknown) => log.warn('relist failed', { error }))
      .finally(() => (relisting = undefined))
  }

  function handle(change: RuntimeChange): void {
    if (change.action === 'resync') {
      relistSoon()
      return
    }
    // What is only created does not run yet; whoever creates it also starts it.
    if (change.action === 'create') return
    invalidate(change.podUid)
    onChange(change.podUid)
  }

  const subscription = runtime.onChange(handle)
  const timer = clock.every(relistPeriodMs, relistSoon)
  return {
    get,
    invalidate,
    forget: (uid) => void entries.delete(uid),
    relist,
    states: () => [...entries.values()].flatMap(({ state }) => state ?? []),
    uids: () =>
      [...entries]
        .filter(([, { state }]) => !state || state.sandboxes.length + state.containers.length > 0)
        .map(([uid]) => uid),
    [Symbol.dispose]() {
      subscription.dispose()
      timer[Symbol.dispose]()
    },
  }
}
