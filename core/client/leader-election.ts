import type { Lease } from '../api/generated/coordination-v1.ts'
import { resources } from '../api/resources.ts'
import { isAlreadyExists, isConflict } from '../api/status.ts'
import { rfc3339Micro, type Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Client } from './client.ts'
import { findObject } from './find-object.ts'

/** Times of an election in milliseconds. */
export interface ElectionTimes {
  /** How long others wait after the last renewal they saw before they take over. */
  leaseMs: number
  /** A leader that could not renew for this long gives up. */
  renewDeadlineMs: number
  retryMs: number
}

/** The times of kube-controller-manager and kube-scheduler. */
const defaultElectionTimes: ElectionTimes = {
  leaseMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
}
/** A waiting time is spread by up to this share, so that candidates do not come all at once (client-go: JitterFactor). */
const jitter = 0.2

export interface LeaderElectionOptions {
  client: Client
  /** The Lease: one election. */
  lease: { namespace: string; name: string }
  /** Who this candidate is; no two may have the same. */
  identity: string
  times?: ElectionTimes
  /** Called whenever this candidate becomes the leader, and when it is not any more; never both at once. */
  onStarted(): void
  onStopped(): void
  clock: Clock
  log: Logger
}

/** A candidate in an election. */
export interface LeaderElection {
  readonly isLeader: boolean
  /** Tries for the first time, and goes on trying; resolves with whether that first try made it the leader. */
  start(): Promise<boolean>
  /**
   * Leaves: `onStopped`, then whatever `finished` waits for, and only then is the lease released, so that the next one need
   * not wait and never works beside this one.
   */
  stop(finished?: () => Promise<void>): Promise<void>
}

/**
 * Elects one leader among processes by a Lease, as client-go's leaderelection does: whoever holds it renews it every
 * `retryMs`; the others take it `leaseMs` after the last renewal they *saw* (by their own clock, so that clocks need not
 * agree), or at once when it was released. Unlike client-go a candidate that lost goes on as a candidate.
 */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { client, lease: ref, identity, clock, log } = options
  const times = options.times ?? defaultElectionTimes
  let leads = false
  let stopped = false
  let timer: Disposable | undefined
  let deadline: Disposable | undefined
  let running: Promise<unknown> = Promise.resolve()
  /** The record as last seen, and when it was first seen like that. */
  let seen: { version: string | undefined; at: number } = { version: undefined, at: 0 }

  function become(next: boolean): void {
    if (leads === next) return
    leads = next
    log.info(next ? 'became the leader' : 'is not the leader any more', { lease: ref.name, identity })
    if (next) options.onStarted()
    else {
      deadline?.[Symbol.dispose]()
      options.onStopped()
    }
  }

  /** Renewed: the next deadline counts from when the attempt began, as the others' waiting does. */
  function renewed(at: number): void {
    deadline?.[Symbol.dispose]()
    deadline = clock.after(times.renewDeadlineMs - (clock.now() - at), () => {
      log.error('the lease could not be renewed in time', { lease: ref.name })
      become(false)
    })
  }

  async function tryOnce(): Promise<void> {
    const began = clock.now()
    let isHeld: boolean
    try {
      isHeld = await acquireOrRenew(began)
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error))
        log.warn('the lease could not be had', { lease: ref.name, error })
      // Whoever leads goes on until the deadline: the server may be away for a moment only.
      return
    }
    if (stopped) return
    if (isHeld) renewed(began)
    become(isHeld)
  }

  async function acquireOrRenew(now: number): Promise<boolean> {
    const current = await findObject(client, resources.leases, ref)
    if (!current) {
      await client.create(resources.leases, { metadata: ref, spec: recordOf(undefined, now) })
      return true
    }
    const version = current.metadata.resourceVersion
    if (seen.version !== version) seen = { version, at: now }
    const holder = current.spec?.holderIdentity
    const heldForMs = (current.spec?.leaseDurationSeconds ?? 0) * 1000
    if (holder && holder !== identity && seen.at + heldForMs > now) return false
    const written = await client.update(resources.leases, { ...current, spec: recordOf(current, now) })
    seen = { version: written.metadata.resourceVersion, at: now }
    return true
  }

  function recordOf(before: Lease | undefined, now: number): Lease['spec'] {
    const spec = before?.spec
    const isRenewal = spec?.holderIdentity === identity
    return {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: times.leaseMs / 1000,
      acquireTime: isRenewal && spec.acquireTime ? spec.acquireTime : rfc3339Micro(now),
      renewTime: rfc3339Micro(now),
      leaseTransitions: !spec ? 0 : (spec.leaseTransitions ?? 0) + (isRenewal ? 0 : 1),
    }
  }

  function schedule(): void {
    if (stopped) return
    const spread = leads ? 0 : Math.random() * jitter
    timer = clock.after(times.retryMs * (1 + spread), () => {
      running = tryOnce().finally(schedule)
    })
  }

  return {
    get isLeader() {
      return leads
    },
    async start() {
      const first = tryOnce()
      running = first
      await first
      schedule()
      return leads
    },
    async stop(finished) {
      stopped = true
      timer?.[Symbol.dispose]()
      await running
      const held = leads
      become(false)
      await finished?.()
      if (held) await release()
    },
  }

  /** The holder of nobody, for a second: the next one takes it at once (client-go: release). */
  async function release(): Promise<void> {
    try {
      const current = await findObject(client, resources.leases, ref)
      if (current?.spec?.holderIdentity !== identity) return
      const now = rfc3339Micro(clock.now())
      await client.update(resources.leases, {
        ...current,
        spec: {
          ...current.spec,
          holderIdentity: '',
          leaseDurationSeconds: 1,
          acquireTime: now,
          renewTime: now,
        },
      })
    } catch (error) {
      log.warn('the lease could not be released', { lease: ref.name, error })
    }
  }
}
