import { describe, expect, it } from 'vitest'
import type { Probe } from '../../api/generated/core-v1.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { startProbe } from './probe-worker.ts'

/** A probe of a container that begins to run now; `runs` are the milliseconds after which it ran. */
function start(probe: Probe) {
  const clock = new FakeClock()
  const startedAt = clock.now()
  const runs: number[] = []
  const worker = startProbe({
    probe,
    clock,
    startedAt,
    isEnabled: () => true,
    run: async () => {
      runs.push(clock.now() - startedAt)
      return { ok: true, output: '' }
    },
    onFailure: () => undefined,
    onWarning: () => undefined,
    onError: () => undefined,
    onVerdict: () => undefined,
  })
  return { clock, runs, worker }
}

describe('a probe that is to run soon', () => {
  it('waits for its initial delay all the same', async () => {
    const { clock, runs, worker } = start({ initialDelaySeconds: 30, periodSeconds: 10 })
    await clock.advance(20_000)
    worker.runSoon()
    await clock.advance(9_999)
    expect(runs).toEqual([])
    await clock.advance(1)
    expect(runs).toEqual([30_000])
    worker[Symbol.dispose]()
  })

  it('runs at once after that, and a period later again', async () => {
    const { clock, runs, worker } = start({ initialDelaySeconds: 30, periodSeconds: 10 })
    await clock.advance(33_000)
    worker.runSoon()
    await clock.advance(10_000)
    expect(runs).toEqual([30_000, 33_000, 43_000])
    worker[Symbol.dispose]()
    worker.runSoon()
    await clock.advance(20_000)
    expect(runs).toHaveLength(3)
  })
})
