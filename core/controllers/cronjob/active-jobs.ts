import type { CronJob, CronJobStatus, Job } from '../../api/generated/batch-v1.ts'
import type { ObjectReference } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import type { EventText } from '../../client/event-report.ts'
import { endOf } from './history.ts'

export interface ActiveOptions {
  client: Client
  object: CronJob
  /** The Jobs that the CronJob controls. */
  jobs: Job[]
  /** Writes an event on the CronJob. */
  tell(event: EventText): void
}

/** The status with Jobs that have ended taken out of `active`, and the time of the last success. */
export async function settleActive(options: ActiveOptions): Promise<CronJobStatus> {
  const { object, jobs, tell } = options
  const status: CronJobStatus = { ...object.status }
  let active = status.active ?? []
  const isActive = (job: Job): boolean => active.some(({ uid }) => uid === job.metadata.uid)
  for (const job of jobs) {
    const end = endOf(job)
    const { name, uid } = job.metadata
    if (!end && !isActive(job) && !(await isKnownActive(options, job))) {
      const message = `Saw a job that the controller did not create or forgot: ${name}`
      tell({ type: 'Warning', reason: 'UnexpectedJob', message })
    }
    if (end && isActive(job)) {
      active = active.filter((reference) => reference.uid !== uid)
      const message = `Saw completed job: ${name}, condition: ${end}`
      tell({ type: 'Normal', reason: 'SawCompletedJob', message })
    }
    const completed = end === 'Complete' ? job.status?.completionTime : undefined
    if (completed && completed > (status.lastSuccessfulTime ?? '')) status.lastSuccessfulTime = completed
  }
  const known = new Set(jobs.map(({ metadata }) => metadata.uid))
  for (const reference of active) {
    if (known.has(reference.uid) || !(await isMissing(options, reference))) continue
    active = active.filter((other) => other !== reference)
    const message = `Active job went missing: ${reference.name ?? ''}`
    tell({ type: 'Normal', reason: 'MissingJob', message })
  }
  if (active.length > 0) status.active = active
  else delete status.active
  return status
}

/** The picture of the CronJob may be older than that of its Job. */
async function isKnownActive({ client, object }: ActiveOptions, job: Job): Promise<boolean> {
  const { namespace = '', name } = object.metadata
  const fresh = await client.get(resources.cronJobs, { namespace, name })
  return fresh.status?.active?.some(({ uid }) => uid === job.metadata.uid) ?? false
}

async function isMissing(
  { client, object }: ActiveOptions,
  { name = '' }: ObjectReference,
): Promise<boolean> {
  try {
    await client.get(resources.jobs, { namespace: object.metadata.namespace ?? '', name })
    return false
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}
