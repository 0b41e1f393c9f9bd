import { findCondition } from '../../api/conditions.ts'
import type { Job } from '../../api/generated/batch-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, type Result } from '../kit/run-controller.ts'

/** A timer may sleep while the machine does: the clock is looked at again at least this often. */
const longestWaitMs = 60_000

/** Deletes Jobs with their pods `ttlSecondsAfterFinished` after they ended (upstream: pkg/controller/ttlafterfinished). */
export function createTtlAfterFinishedController(dependencies: ControllerDependencies): Controller {
  const { client, clock } = dependencies

  async function reconcile(job: Job): Promise<Result | void> {
    const left = remaining(job)
    if (left === undefined) return
    if (left > 0) return { requeueAfterMs: Math.min(left, longestWaitMs) }
    const { namespace = '', name } = job.metadata
    try {
      // The ttl may have been raised since: only what the server says now counts.
      const fresh = await client.get(resources.jobs, { namespace, name })
      const { uid } = fresh.metadata
      if (uid === undefined || (remaining(fresh) ?? 1) > 0) return
      const options = { propagationPolicy: 'Foreground', preconditions: { uid } } as const
      await client.delete(resources.jobs, { namespace, name }, options)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** Milliseconds until the Job is to go; undefined while it runs, is being deleted or has no ttl. */
  function remaining({ metadata, spec, status }: Job): number | undefined {
    if (metadata.deletionTimestamp || spec.ttlSecondsAfterFinished === undefined) return undefined
    const end = ['Complete', 'Failed']
      .map((type) => findCondition(status?.conditions, type))
      .find((condition) => condition?.status === 'True')
    if (!end) return undefined
    const endedAt = Date.parse(end.lastTransitionTime ?? '')
    return (Number.isNaN(endedAt) ? 0 : endedAt) + spec.ttlSecondsAfterFinished * 1000 - clock.now()
  }

  return defineController(dependencies, {
    name: 'ttl-after-finished',
    for: resources.jobs,
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
  })
}
