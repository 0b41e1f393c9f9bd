import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { rfc3339Micro } from '../util/clock.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import type { Client } from './client.ts'
import { createLeaderElection, type LeaderElection } from './leader-election.ts'

const ref = { namespace: 'kube-system', name: 'election' }

describe('leader election', () => {
  let plane: TestControlPlane
  let clock: FakeClock
  let said: string[]
  const running: LeaderElection[] = []
  beforeEach(async () => {
    clock = new FakeClock()
    plane = createTestControlPlane({ clock })
    await plane.client.create(resources.namespaces, { metadata: { name: 'kube-system' }, spec: {} })
    said = []
  })
  afterEach(async () => {
    for (const election of running.splice(0)) await election.stop()
    await plane.close()
  })

  function candidate(identity: string, client: Client = plane.client): LeaderElection {
    const election = createLeaderElection({
      client,
      lease: ref,
      identity,
      onStarted: () => said.push(`${identity} leads`),
      onStopped: () => said.push(`${identity} stops`),
      clock,
      log: silentLogger,
    })
    running.push(election)
    return election
  }
  const lease = () => plane.client.get(resources.leases, ref)
  /** In steps, so that the calls of each attempt are through before the next. */
  async function pass(seconds: number): Promise<void> {
    for (let at = 0; at < seconds; at++) {
      await clock.advance(1000)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  /** A client whose writes and reads fail while `broken` says so. */
  function fragile(broken: () => boolean): Client {
    const guard = <T>(work: () => Promise<T>): Promise<T> =>
      broken() ? Promise.reject(new Error('no connection')) : work()
    return {
      ...plane.client,
      get: (...args: Parameters<Client['get']>) => guard(() => plane.client.get(...args)),
      create: (...args: Parameters<Client['create']>) => guard(() => plane.client.create(...args)),
      update: (...args: Parameters<Client['update']>) => guard(() => plane.client.update(...args)),
    } as Client
  }

  it('acquires a new lease at once, with client-go’s record, and renews it', async () => {
    const a = candidate('a')
    expect(await a.start()).toBe(true)
    const start = rfc3339Micro(clock.now())
    expect((await lease()).spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: start,
      renewTime: start,
      leaseTransitions: 0,
    })
    await pass(5)
    const { spec } = await lease()
    expect(spec).toMatchObject({ acquireTime: start, leaseTransitions: 0 })
    expect(Date.parse(spec!.renewTime!)).toBeGreaterThanOrEqual(Date.parse(start) + 4_000)
  })

  it('lets nobody in while the leader renews, whatever clocks say', async () => {
    await candidate('a').start()
    expect(await candidate('b').start()).toBe(false)
    await pass(60)
    expect(said).toEqual(['a leads'])
  })

  it('takes over 15 s after the last renewal it saw, and counts the transition', async () => {
    let dead = false
    await candidate(
      'a',
      fragile(() => dead),
    ).start()
    await candidate('b').start()
    await pass(4)
    dead = true
    await pass(9)
    expect(said).toEqual(['a leads'])
    // A leader that cannot renew gives up before anybody may take over.
    await pass(2)
    expect(said).toEqual(['a leads', 'a stops'])
    await pass(8)
    expect(said).toEqual(['a leads', 'a stops', 'b leads'])
    expect((await lease()).spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 })
    dead = false
    await pass(10)
    expect(said).toHaveLength(3)
  })

  it('hands over within one try when the leader leaves, once its work has ended', async () => {
    const a = candidate('a')
    await a.start()
    await candidate('b').start()
    let finished = false
    await a.stop(async () => {
      expect((await lease()).spec?.holderIdentity).toBe('a')
      finished = true
    })
    expect(finished).toBe(true)
    expect((await lease()).spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
    await pass(3)
    expect(said).toEqual(['a leads', 'a stops', 'b leads'])
  })

  it('takes its own lease again at once after a crash', async () => {
    await plane.client.create(resources.leases, {
      metadata: ref,
      spec: {
        holderIdentity: 'a',
        leaseDurationSeconds: 15,
        renewTime: rfc3339Micro(clock.now()),
        leaseTransitions: 3,
      },
    })
    expect(await candidate('a').start()).toBe(true)
    expect((await lease()).spec?.leaseTransitions).toBe(3)
  })

  it('makes one leader out of many that start together', async () => {
    const won = await Promise.all(['a', 'b', 'c', 'd'].map((identity) => candidate(identity).start()))
    expect(won.filter(Boolean)).toHaveLength(1)
  })
})
