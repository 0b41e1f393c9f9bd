import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CronJob, CronJobSpec, Job } from '../../api/generated/batch-v1.ts'
import type { Event as CoreEvent } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { notFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { rfc3339 } from '../../util/clock.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'
import { createCronJobController } from './cronjob.ts'

const namespace = 'default'
const minute = 60_000
/** 2026-01-01T00:00:30Z: no run is due at the start. */
const start = Date.UTC(2026, 0, 1, 0, 0, 30)

function cronJob(name: string, spec: Partial<CronJobSpec> = {}): CronJob {
  return {
    metadata: { name, namespace },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: {
          template: {
            spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
          },
        },
      },
      ...spec,
    },
  }
}

describe('cron jobs', () => {
  let clock: FakeClock
  let plane: TestControlPlane
  let controller: Controller
  /** Names of jobs that the controller is not given any more. */
  let gone: Set<string>

  beforeEach(async () => {
    clock = new FakeClock(start)
    plane = createTestControlPlane({ clock })
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    gone = new Set()
    const { client } = plane.dependencies
    const get: typeof client.get = (resource, ref, ...rest) =>
      gone.has(ref.name)
        ? Promise.reject(notFound({ group: 'batch', resource: 'jobs' }, ref.name))
        : client.get(resource, ref, ...rest)
    controller = createCronJobController({ ...plane.dependencies, client: { ...client, get } })
    await controller.start()
  })
  afterEach(async () => {
    await controller.stop()
    await plane.close()
  })

  const create = (object: CronJob): Promise<CronJob> => plane.client.create(resources.cronJobs, object)
  const get = (name: string): Promise<CronJob> => plane.client.get(resources.cronJobs, { namespace, name })
  const jobs = async (): Promise<Job[]> => (await plane.client.list(resources.jobs, { namespace })).items
  const names = async (): Promise<string[]> => (await jobs()).map(({ metadata }) => metadata.name).sort()
  const nameAt = (name: string, at: number): string => `${name}-${Math.floor(at / minute)}`
  /** Moves time on until this many Jobs are there. */
  const runsBy = (ms: number, count: number): Promise<Job[]> =>
    waitFor(async () => {
      if (clock.now() < start + ms) await clock.advance(Math.min(1000, start + ms - clock.now()))
      const found = await jobs()
      return found.length === count && clock.now() >= start + ms ? found : undefined
    })
  const active = (name: string, count: number): Promise<CronJob> =>
    waitFor(async () => {
      const found = await get(name)
      return (found.status?.active?.length ?? 0) === count ? found : undefined
    })
  async function complete(job: Job | undefined): Promise<void> {
    if (!job) throw new Error('no job')
    const at = rfc3339(clock.now())
    const condition = (type: string): unknown => ({ type, status: 'True', lastTransitionTime: at })
    const conditions = ['SuccessCriteriaMet', 'Complete'].map(condition)
    const body = { status: { startTime: at, completionTime: at, succeeded: 1, conditions } }
    const { name } = job.metadata
    await plane.client.patch(
      resources.jobs,
      { namespace, name },
      { type: 'merge', subresource: 'status', body },
    )
  }
  const events = async (): Promise<CoreEvent[]> => {
    await plane.flushEvents()
    return (await plane.client.list(resources.events, { namespace })).items
  }
  const reasons = async (): Promise<(string | undefined)[]> => (await events()).map(({ reason }) => reason)
  const messages = async (): Promise<string[]> =>
    (await events()).map(({ reason, message }) => `${reason} ${message}`)

  it('starts a job for each run, named after its minute, and notes what is active', async () => {
    await create(cronJob('tick'))
    await waitFor(() => clock.pending > 0)
    const [first] = await runsBy(31_000, 1)
    expect(first?.metadata).toMatchObject({
      name: nameAt('tick', start + 30_000),
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:01:00Z' },
      ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
    })
    const one = await active('tick', 1)
    expect(one.status?.lastScheduleTime).toBe('2026-01-01T00:01:00Z')
    expect(one.status?.active?.[0]).toMatchObject({ kind: 'Job', name: first?.metadata.name })
    await complete(first)
    const done = await active('tick', 0)
    expect(done.status?.lastSuccessfulTime).toBe(rfc3339(clock.now()))
    await runsBy(91_000, 2)
    expect(await reasons()).toEqual(expect.arrayContaining(['SuccessfulCreate', 'SawCompletedJob']))
  })

  it('starts nothing beside a running job with Forbid, and replaces it with Replace', async () => {
    await create(cronJob('forbid', { concurrencyPolicy: 'Forbid' }))
    await waitFor(() => clock.pending > 0)
    const [first] = await runsBy(31_000, 1)
    await active('forbid', 1)
    await runsBy(95_000, 1)
    await waitFor(async () => (await reasons()).includes('JobAlreadyActive'))
    await plane.client.patch(
      resources.cronJobs,
      { namespace, name: 'forbid' },
      { type: 'merge', body: { spec: { concurrencyPolicy: 'Replace' } } },
    )
    await waitFor(async () => {
      await clock.advance(1000)
      const found = await names()
      return found.length === 1 && found[0] !== first?.metadata.name
    })
  })

  it('does not take a Job of the same name that is not its own for its run', async () => {
    const { spec } = cronJob('mine').spec.jobTemplate
    const name = nameAt('mine', start + minute / 2)
    await plane.client.create(resources.jobs, { metadata: { name, namespace }, spec: spec! })
    await create(cronJob('mine'))
    await runsBy(minute / 2 + 2_000, 1)
    // Whoever made it is taken to look after it.
    expect(await reasons()).toEqual([])
    expect((await get('mine')).status?.lastScheduleTime).toBeUndefined()
  })

  it('makes up for one run only, however many were missed, and not past the deadline', async () => {
    await create(cronJob('late'))
    await create(cronJob('strict', { startingDeadlineSeconds: 20 }))
    await waitFor(() => clock.pending > 1)
    clock.jump(400 * 24 * 60 * minute + 25_000)
    await clock.advance(31_000)
    const found = await waitFor(async () => {
      const all = await names()
      return all.length > 0 ? all : undefined
    })
    expect(found).toEqual([nameAt('late', clock.now())])
    await waitFor(async () => (await reasons()).includes('TooManyMissedTimes'))
  })

  it('tells of a schedule that never comes', async () => {
    await create(cronJob('never', { schedule: '59 23 31 2 *' }))
    await waitFor(async () => (await messages()).length > 0)
    expect(await messages()).toEqual([
      'InvalidSchedule invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
    ])
  })

  it('tells of a job that it was to replace and that is gone', async () => {
    await create(cronJob('swap', { concurrencyPolicy: 'Replace' }))
    await waitFor(() => clock.pending > 0)
    const [first] = await runsBy(31_000, 1)
    await active('swap', 1)
    // Deleted under the eyes of the controller: it looks at it, and then it is not there to be looked at again.
    const name = first!.metadata.name
    gone.add(name)
    await waitFor(async () => {
      await clock.advance(1000)
      return (await messages()).includes(`FailedGet Get job: jobs.batch "${name}" not found`)
    })
    expect(await names()).toEqual([name])
  })

  it('keeps as many ended jobs as asked for', async () => {
    await create(cronJob('tick', { successfulJobsHistoryLimit: 1 }))
    await waitFor(() => clock.pending > 0)
    await complete((await runsBy(31_000, 1))[0])
    await active('tick', 0)
    const both = await runsBy(91_000, 2)
    await active('tick', 1)
    await complete(both.find(({ status }) => !status?.completionTime))
    await waitFor(async () => (await jobs()).length === 1)
    expect(await names()).toEqual([nameAt('tick', start + 90_000)])
  })

  it('rests while suspended and runs in its time zone', async () => {
    await create(cronJob('idle', { suspend: true }))
    await create(cronJob('zoned', { schedule: '2 9 * * *', timeZone: 'Asia/Tokyo' }))
    await waitFor(() => clock.pending > 0)
    const [run] = await runsBy(100_000, 1)
    expect(run?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T09:02:00+09:00',
    })
  })
})
