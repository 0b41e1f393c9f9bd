import { describe, expect, it } from 'vitest'
import { findCondition } from '../../api/conditions.ts'
import type { Job, JobSpec } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createJobController } from './job.ts'

describe('limits of a job', () => {
  const under = usePlane(({ dependencies }) => [createJobController(dependencies)])

  const get = (): Promise<Job> => under.plane.client.get(resources.jobs, { namespace, name: 'work' })
  const create = (restartPolicy: 'Never' | 'OnFailure', spec: Partial<JobSpec>): Promise<Job> =>
    under.plane.client.create(resources.jobs, {
      metadata: { name: 'work', namespace },
      spec: {
        template: { spec: { restartPolicy, containers: [{ name: 'main', image: 'busybox' }] } },
        ...spec,
      },
    })
  const when = (check: (status: NonNullable<Job['status']>) => unknown): Promise<Job> =>
    waitFor(async () => {
      const found = await get()
      return check(found.status ?? {}) ? found : undefined
    })
  const running = async (): Promise<Pod[]> =>
    (await under.pods()).filter(({ status }) => status?.phase === 'Running')
  const someRunning = (count: number): Promise<Pod[]> =>
    waitFor(async () => {
      const found = await running()
      return found.length === count ? found : undefined
    })
  const report = (pod: Pod | undefined, status: Pod['status']): Promise<Pod> =>
    under.plane.client.patch(
      resources.pods,
      { namespace, name: pod?.metadata.name ?? '' },
      { type: 'merge', subresource: 'status', body: { status } },
    )
  const restarted = (restartCount: number): Pod['status'] => ({
    containerStatuses: [
      { name: 'main', image: 'busybox', imageID: '', ready: true, restartCount, state: { running: {} } },
    ],
  })
  const failureOf = ({ status }: Job): string | undefined =>
    findCondition(status?.conditions, 'Failed')?.reason
  const failed = (): Promise<Job> => when(({ conditions }) => findCondition(conditions, 'Failed'))

  const indexed: Partial<JobSpec> = {
    completionMode: 'Indexed',
    completions: 4,
    parallelism: 4,
    backoffLimitPerIndex: 0,
    maxFailedIndexes: 1,
  }

  it('lets as many indexes fail as maxFailedIndexes: the others go on', async () => {
    await create('Never', indexed)
    const [first, ...others] = await someRunning(4)
    await report(first, { phase: 'Failed' })
    await when(({ failedIndexes }) => failedIndexes !== undefined)
    for (const other of others) await report(other, { phase: 'Succeeded' })
    const done = await failed()
    expect(failureOf(done)).toBe('FailedIndexes')
    expect(done.status).toMatchObject({ failed: 1, succeeded: 3 })
  })

  it('ends with one more failed index than maxFailedIndexes', async () => {
    await create('Never', indexed)
    const [first, second] = await someRunning(4)
    for (const pod of [first, second]) await report(pod, { phase: 'Failed' })
    expect(failureOf(await failed())).toBe('MaxFailedIndexesExceeded')
  })

  it('without any retry: a pod that never restarted is no failure, one that did is', async () => {
    await create('OnFailure', { backoffLimit: 0 })
    const [pod] = await someRunning(1)
    const fine = await when(({ ready }) => ready === 1)
    expect(fine.status?.conditions ?? []).toEqual([])
    await report(pod, restarted(1))
    expect(failureOf(await failed())).toBe('BackoffLimitExceeded')
  })

  it('with retries: restarts within a pod count like failed pods', async () => {
    await create('OnFailure', { backoffLimit: 2 })
    const [pod] = await someRunning(1)
    await report(pod, restarted(1))
    await when(({ ready }) => ready === 1)
    expect((await get()).status?.conditions ?? []).toEqual([])
    await report(pod, restarted(2))
    expect(failureOf(await failed())).toBe('BackoffLimitExceeded')
  })
})
