import type { Job, JobCondition } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf, objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { asError } from '../kit/as-error.ts'
import { claimObjects } from '../kit/claim.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { createExpectations } from '../kit/expectations.ts'
import { observePods } from '../kit/observe-pods.ts'
import { createPodControl } from '../kit/pod-control.ts'
import { defineController, watchOf, type ObjectChange, type Result } from '../kit/run-controller.ts'
import { selectorOf } from '../kit/selector-of.ts'
import { noFailures, type BackoffRecord } from './backoff.ts'
import { withCondition } from './conditions.ts'
import { completionOf, decideEnd } from './decide-end.ts'
import { isFinished, isSuspended, isTracked, trackingFinalizer } from './job-pods.ts'
import { startSync, type JobSync } from './job-sync.ts'
import { deleteActivePods, managePods } from './manage-pods.ts'
import { trackStatus } from './track-status.ts'

/** Jobs that name another controller in `spec.managedBy` are not touched. */
const ownName = 'kubernetes.io/job-controller'

/**
 * Runs pods to completion (upstream: pkg/controller/job): several at once, by index, with limits on failures, policies
 * on failure and success, suspension and a deadline. Each finished pod is counted exactly once.
 */
export function createJobController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('job-controller')
  const podControl = createPodControl({ client, recorder, ownerResource: resources.jobs })
  const expectations = createExpectations(clock)
  const podsBy = indexByController(informers.informer(resources.pods))
  const jobs = informers.informer(resources.jobs)
  const backoffs = new Map<string, BackoffRecord>()
  const released = new Set<string>()
  const context = { client, podControl, expectations }

  function claimPods(job: Job): Promise<Pod[]> {
    return claimObjects({
      client,
      owner: job,
      ownerResource: resources.jobs,
      resource: resources.pods,
      matches: selectorOf(job.spec.selector),
      candidates: [...podsBy.controlledBy(job.metadata.uid), ...podsBy.orphansIn(job.metadata.namespace)],
      finalizer: trackingFinalizer,
    })
  }

  async function reconcile(key: string, job: Job | undefined): Promise<Result | void> {
    if (!job) {
      expectations.forget(key)
      return
    }
    const { uid = '' } = job.metadata
    if ((job.spec.managedBy ?? ownName) !== ownName) return
    if (isFinished(job)) {
      backoffs.delete(uid)
      return
    }
    const isSettled = expectations.satisfied(key)
    const sync = startSync({
      job,
      pods: await claimPods(job),
      released,
      backoff: backoffs.get(uid) ?? noFailures,
      now: clock.now(),
    })
    let failure: unknown
    try {
      await advance(sync, isSettled)
    } catch (error) {
      failure = error
    }
    const ended = await trackStatus(
      { client, released, onCounted: () => void backoffs.set(uid, sync.backoff) },
      sync,
    )
    if (ended) tellEnd(sync.job, ended)
    if (failure !== undefined) throw asError(failure)
    if (sync.requeueAfterMs !== undefined) return { requeueAfterMs: sync.requeueAfterMs }
  }

  /** Brings pods to what the Job asks for, or to an end. */
  async function advance(sync: JobSync, isSettled: boolean): Promise<void> {
    sync.finished = decideEnd(sync)
    if (sync.finished) {
      const end = sync.finished
      // Not before all pods are seen and on their way out: some might stay behind uncounted.
      sync.finished = undefined
      await deleteActivePods(context, sync)
      if (isSettled) sync.finished = end
      return
    }
    const mayManage = isSettled && !sync.job.metadata.deletionTimestamp
    if (mayManage) await managePods(context, sync)
    sync.finished = completionOf(sync)
    if (!sync.finished && mayManage) tellSuspension(sync)
  }

  function tellSuspension(sync: JobSync): void {
    const { job, status, now } = sync
    const isOn = isSuspended(job)
    const text = isOn
      ? ({ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const)
      : ({ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const)
    const conditions = withCondition(status.conditions, text, now)
    if (!conditions || conditions === status.conditions) return
    status.conditions = conditions
    recorder.record(referenceTo(resources.jobs, job), {
      type: 'Normal',
      reason: isOn ? 'Suspended' : 'Resumed',
      message: text.message,
    })
  }

  function tellEnd(job: Job, { type, reason = '', message = '' }: JobCondition): void {
    const involved = referenceTo(resources.jobs, job)
    if (type !== 'Complete') {
      recorder.record(involved, { type: 'Warning', reason, message })
      return
    }
    if ((job.status?.succeeded ?? 0) > (job.spec.completions ?? Infinity)) {
      const text = 'Too many succeeded pods running after completion count reached'
      recorder.record(involved, { type: 'Warning', reason: 'TooManySucceededPods', message: text })
    }
    recorder.record(involved, { type: 'Normal', reason: 'Completed', message: 'Job completed' })
  }

  function observeRelease({ type, object }: ObjectChange<Pod>): void {
    if (type === 'deleted' || !isTracked(object)) released.delete(object.metadata.uid ?? '')
  }

  return defineController(dependencies, {
    name: 'job',
    for: resources.jobs,
    owns: [resources.pods],
    watches: [
      watchOf(resources.pods, (change) => {
        observePods(expectations, 'Job', change)
        observeRelease(change)
        const { type, object } = change
        if (type === 'deleted' || controllerOf(object)) return []
        return jobs.store
          .inNamespace(object.metadata.namespace)
          .filter((job) => !isFinished(job) && selectorOf(job.spec.selector)(object.metadata.labels))
          .map(objectKey)
      }),
      watchOf(resources.jobs, ({ type, object }) => {
        if (type === 'deleted') backoffs.delete(object.metadata.uid ?? '')
        return []
      }),
    ],
    reconcile: ({ key, object }) => reconcile(key, object),
    dispose: () => recorder[Symbol.dispose](),
  })
}
