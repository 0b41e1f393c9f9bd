import type { CronJob, CronJobStatus, Job } from '../../api/generated/batch-v1.ts'
import { isControlledBy } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists } from '../../api/status.ts'
import type { ObjectName } from '../../client/client.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { EventText } from '../../client/event-report.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { rfc3339 } from '../../util/clock.ts'
import { isTimeZone, parseCronSchedule, type CronSchedule } from '../../util/cron-schedule.ts'
import { asError } from '../kit/as-error.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { defineController, type Result } from '../kit/run-controller.ts'
import { settleActive } from './active-jobs.ts'
import { excessJobs } from './history.ts'
import { jobFromTemplate, jobNameFor } from './job-from-template.ts'
import { dueRun } from './missed-runs.ts'

/** A timer may sleep while the machine does, or the clock be set: it is looked at again at least this often. */
const longestWaitMs = 60_000
/** So that the time of a run has passed when it is looked for (upstream: nextScheduleDelta). */
const afterRunMs = 100

interface Sync {
  object: CronJob
  status: CronJobStatus
  tell(event: EventText): void
}

/**
 * Starts Jobs by schedule (upstream: pkg/controller/cronjob). Of several missed runs only the latest is made up for, so
 * a machine that slept, or a clock that jumped, brings one Job and not many.
 */
export function createCronJobController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('cronjob-controller')
  const jobsBy = indexByController(informers.informer(resources.jobs))

  async function reconcile(object: CronJob): Promise<Result | void> {
    const tell = (event: EventText): void => recorder.record(referenceTo(resources.cronJobs, object), event)
    const jobs = jobsBy.controlledBy(object.metadata.uid)
    const sync: Sync = { object, status: await settleActive({ client, object, jobs, tell }), tell }
    const schedule = object.metadata.deletionTimestamp ? undefined : scheduleOf(sync)
    let failure: unknown
    if (schedule) {
      try {
        await runWhenDue(sync, schedule)
      } catch (error) {
        failure = error
      }
    }
    await writeStatus(sync)
    // What cannot be deleted now is in excess next time as well.
    for (const job of excessJobs(object, jobs)) await deleteJob(sync, job)
    if (failure !== undefined) throw asError(failure)
    const next = schedule?.next(clock.now())
    if (next === undefined) return
    return { requeueAfterMs: Math.min(next + afterRunMs - clock.now(), longestWaitMs) }
  }

  /** When the object runs; undefined when it does not, which is told where it is a mistake. */
  function scheduleOf({ object, tell }: Sync): CronSchedule | undefined {
    const { schedule, timeZone, suspend } = object.spec
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      const message = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`
      tell({ type: 'Warning', reason: 'UnknownTimeZone', message })
      return undefined
    }
    if (suspend) return undefined
    try {
      const parsed = parseCronSchedule(schedule, timeZone)
      if (parsed.next(clock.now()) !== undefined) return parsed
      // A date that no month has.
      const why = 'time difference between two schedules is less than 1 second'
      const message = `invalid schedule: ${schedule} : ${why}`
      tell({ type: 'Warning', reason: 'InvalidSchedule', message })
      return undefined
    } catch (error) {
      const message = `unparseable schedule: ${JSON.stringify(schedule)} : ${(error as Error).message}`
      tell({ type: 'Warning', reason: 'UnparseableSchedule', message })
      return undefined
    }
  }

  async function runWhenDue(sync: Sync, schedule: CronSchedule): Promise<void> {
    const { object, status, tell } = sync
    const { at, hasManyMissed } = dueRun(object, schedule, clock.now())
    if (at === undefined) return
    if (hasManyMissed) {
      const message =
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
      tell({ type: 'Warning', reason: 'TooManyMissedTimes', message })
    }
    const name = jobNameFor(object, at)
    // The run of lastScheduleTime is never due again; this is for a status whose lastScheduleTime was set back.
    if (status.active?.some((one) => one.name === name)) return
    if (object.spec.concurrencyPolicy === 'Forbid' && status.active?.length) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
      tell({ type: 'Normal', reason: 'JobAlreadyActive', message })
      return
    }
    if (object.spec.concurrencyPolicy === 'Replace') await deleteActive(sync)
    const job = await createJob(sync, at)
    if (!job) return
    status.active = [...(status.active ?? []), referenceTo(resources.jobs, job)]
    status.lastScheduleTime = rfc3339(at)
  }

  /** The Job of this run, created or, after a write of the status that failed, found. */
  async function createJob({ object, tell }: Sync, at: number): Promise<Job | undefined> {
    const wanted = jobFromTemplate(object, at)
    const { name, namespace = '' } = wanted.metadata
    try {
      const job = await client.create(resources.jobs, wanted)
      tell({ type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${name}` })
      return job
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined
      if (isAlreadyExists(error)) {
        // Somebody else's is looked after by whoever made it.
        const job = await client.get(resources.jobs, { namespace, name })
        return isControlledBy(job, object) ? job : undefined
      }
      const message = `Error creating job: ${(error as Error).message}`
      tell({ type: 'Warning', reason: 'FailedCreate', message })
      throw error
    }
  }

  async function deleteActive(sync: Sync): Promise<void> {
    const namespace = sync.object.metadata.namespace ?? ''
    for (const { name = '' } of sync.status.active ?? []) {
      const job = await getJob(sync, { namespace, name })
      if (!(await deleteJob(sync, job))) throw new Error(`could not replace job ${namespace}/${name}`)
    }
    delete sync.status.active
  }

  async function getJob({ tell }: Sync, ref: ObjectName): Promise<Job> {
    try {
      return await client.get(resources.jobs, ref)
    } catch (error) {
      tell({ type: 'Warning', reason: 'FailedGet', message: `Get job: ${(error as Error).message}` })
      throw error
    }
  }

  /** Whether it was deleted. */
  async function deleteJob({ tell }: Sync, { metadata }: Job): Promise<boolean> {
    const { namespace = '', name } = metadata
    try {
      await client.delete(resources.jobs, { namespace, name }, { propagationPolicy: 'Background' })
    } catch (error) {
      const message = `Deleted job: ${(error as Error).message}`
      tell({ type: 'Warning', reason: 'FailedDelete', message })
      return false
    }
    tell({ type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` })
    return true
  }

  async function writeStatus({ object, status }: Sync): Promise<void> {
    if (deepEqual(object.status, status)) return
    await client.updateStatus(resources.cronJobs, { ...object, status })
  }

  return defineController(dependencies, {
    name: 'cronjob',
    for: resources.cronJobs,
    owns: [resources.jobs],
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
    dispose: () => recorder[Symbol.dispose](),
  })
}
