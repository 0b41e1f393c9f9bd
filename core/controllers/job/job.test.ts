import { describe, expect, it } from 'vitest'
import type { Job, JobSpec } from '../../api/generated/batch-v1.ts'
import type { Pod, PodStatus } from '../../api/generated/core-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { rfc3339 } from '../../util/clock.ts'
import { createTtlAfterFinishedController } from '../ttl-after-finished/ttl-after-finished.ts'
import { createJobController } from './job.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createJobOrphanPodsController } from './orphan-pods.ts'

function job(name: string, spec: Partial<JobSpec> = {}): Job {
  return {
    metadata: { name, namespace },
    spec: {
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
      },
      ...spec,
    },
  }
}

describe('jobs', () => {
  const under = usePlane(({ dependencies }) => [
    createJobController(dependencies),
    createJobOrphanPodsController(dependencies),
    createTtlAfterFinishedController(dependencies),
  ])
  const { pods } = under

  const running = async (): Promise<Pod[]> =>
    (await pods()).filter(({ status }) => status?.phase === 'Running')
  const create = (object: Job): Promise<Job> => under.plane.client.create(resources.jobs, object)
  const get = (name: string): Promise<Job> => under.plane.client.get(resources.jobs, { namespace, name })
  const patch = (name: string, spec: Partial<JobSpec>): Promise<Job> =>
    under.plane.client.patch(resources.jobs, { namespace, name }, { type: 'merge', body: { spec } })
  const when = (name: string, check: (status: NonNullable<Job['status']>) => unknown): Promise<Job> =>
    waitFor(async () => {
      const found = await get(name)
      return check(found.status ?? {}) ? found : undefined
    })
  const conditionOf = ({ status }: Job): unknown[] =>
    (status?.conditions ?? [])
      .filter((one) => one.status === 'True')
      .map(({ type, reason }) => [type, reason])
  const ended = (name: string, type: 'Complete' | 'Failed'): Promise<Job> =>
    when(name, ({ conditions }) => findCondition(conditions, type))
  const events = async (): Promise<(string | undefined)[]> => {
    await under.plane.flushEvents()
    return (await under.plane.client.list(resources.events, { namespace })).items.map(({ reason }) => reason)
  }
  /** Ends a pod as a kubelet would: with this exit code of its container. */
  async function finish(pod: Pod, exitCode: number, status: Partial<PodStatus> = {}): Promise<void> {
    const at = rfc3339(under.clock.now())
    const body = {
      status: {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at }],
        containerStatuses: [
          {
            name: 'main',
            image: 'busybox',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode, finishedAt: at } },
          },
        ],
        ...status,
      },
    }
    const { name } = pod.metadata
    await under.plane.client.patch(
      resources.pods,
      { namespace, name },
      { type: 'merge', subresource: 'status', body },
    )
  }
  const someRunning = (count: number): Promise<Pod[]> =>
    waitFor(async () => {
      const found = await running()
      return found.length === count ? found : undefined
    })
  const indexOf = (pod: Pod): string | undefined =>
    pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index']

  it('runs to its completions, no more at once than it may, and counts each pod once', async () => {
    const created = await create(job('work', { completions: 3, parallelism: 2 }))
    expect(created.spec.selector).toEqual({
      matchLabels: { 'batch.kubernetes.io/controller-uid': created.metadata.uid },
    })
    const first = await someRunning(2)
    await when('work', ({ ready }) => ready === 2)
    expect(first[0]?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
    for (const pod of first) await finish(pod, 0)
    const [last] = await someRunning(1)
    if (last) await finish(last, 0)
    const done = await ended('work', 'Complete')
    expect(done.status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0 })
    expect(done.status?.uncountedTerminatedPods).toEqual({})
    expect(done.status?.completionTime).toBeDefined()
    expect(conditionOf(done)).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached'],
      ['Complete', 'CompletionsReached'],
    ])
    const all = await pods()
    expect(all).toHaveLength(3)
    expect(all.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([])
    expect(await events()).toContain('Completed')
  })

  it('tries again after 10 s and 20 s, and gives up at its limit', async () => {
    await create(job('work', { backoffLimit: 2 }))
    for (const wait of [10_000, 20_000]) {
      const [pod] = await someRunning(1)
      if (pod) await finish(pod, 1)
      await when(
        'work',
        ({ failed, uncountedTerminatedPods: uncounted }) => failed && !uncounted?.failed?.length,
      )
      await under.clock.advance(wait - 2000)
      expect(await running()).toEqual([])
      await under.clock.advance(3000)
    }
    const [pod] = await someRunning(1)
    if (pod) await finish(pod, 1)
    const done = await ended('work', 'Failed')
    expect(done.status).toMatchObject({ failed: 3 })
    expect(conditionOf(done)).toEqual([
      ['FailureTarget', 'BackoffLimitExceeded'],
      ['Failed', 'BackoffLimitExceeded'],
    ])
    expect(await events()).toContain('BackoffLimitExceeded')
  })

  it('gives each index its pod, name and variable, and notes which are done', async () => {
    await create(job('work', { completionMode: 'Indexed', completions: 5, parallelism: 5 }))
    const all = await someRunning(5)
    expect(all.map(indexOf).sort()).toEqual(['0', '1', '2', '3', '4'])
    const third = all.find((pod) => indexOf(pod) === '3')
    expect(third?.spec.hostname).toBe('work-3')
    expect(third?.metadata.name).toMatch(/^work-3-.{5}$/)
    expect(third?.metadata.labels?.['batch.kubernetes.io/job-completion-index']).toBe('3')
    expect(third?.spec.containers[0]?.env).toEqual([
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: {
          fieldRef: {
            apiVersion: 'v1',
            fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
          },
        },
      },
    ])
    for (const pod of all) if (indexOf(pod) !== '3') await finish(pod, 0)
    await when('work', ({ completedIndexes }) => completedIndexes === '0-2,4')
    if (third) await finish(third, 0)
    expect((await ended('work', 'Complete')).status).toMatchObject({ succeeded: 5, completedIndexes: '0-4' })
  })

  it('lets each index fail on its own', async () => {
    await create(
      job('work', { completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 }),
    )
    const bad = async (): Promise<Pod> =>
      waitFor(async () => (await running()).find((pod) => indexOf(pod) === '0'))
    const first = await bad()
    await finish(first, 1)
    await waitFor(async () => {
      await under.clock.advance(1000)
      return (await running()).find((pod) => indexOf(pod) === '0')
    })
    const second = await bad()
    expect(second.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']).toBe('1')
    await finish(second, 1)
    await when('work', ({ failedIndexes }) => failedIndexes === '0')
    const [good] = await running()
    if (good) await finish(good, 0)
    const done = await ended('work', 'Failed')
    expect(done.status).toMatchObject({ failed: 2, succeeded: 1, completedIndexes: '1', failedIndexes: '0' })
    expect(conditionOf(done).at(-1)).toEqual(['Failed', 'FailedIndexes'])
  })

  it('follows its failure policy', async () => {
    await create(
      job('work', {
        backoffLimit: 0,
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
            { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
          ],
        },
      }),
    )
    const [first] = await someRunning(1)
    if (first) await finish(first, 1, { conditions: [{ type: 'DisruptionTarget', status: 'True' }] })
    const second = await waitFor(async () => {
      await under.clock.advance(1000)
      return (await running()).find((pod) => pod.metadata.uid !== first?.metadata.uid)
    })
    expect((await get('work')).status?.failed ?? 0).toBe(0)
    await finish(second, 42)
    const done = await ended('work', 'Failed')
    expect(findCondition(done.status?.conditions, 'Failed')).toMatchObject({
      reason: 'PodFailurePolicy',
      message: `Container main for pod default/${second.metadata.name} failed with exit code 42 matching FailJob rule at index 1`,
    })
  })

  it('succeeds by its success policy and ends the pods that are left', async () => {
    await create(
      job('work', {
        completionMode: 'Indexed',
        completions: 3,
        parallelism: 3,
        successPolicy: { rules: [{ succeededIndexes: '0' }] },
      }),
    )
    const leader = (await someRunning(3)).find((pod) => indexOf(pod) === '0')
    if (leader) await finish(leader, 0)
    const done = await ended('work', 'Complete')
    expect(conditionOf(done)[0]).toEqual(['SuccessCriteriaMet', 'SuccessPolicy'])
    expect(done.status).toMatchObject({ succeeded: 1 })
    expect(done.status?.failed ?? 0).toBe(0)
    expect(await running()).toEqual([])
  })

  it('can be suspended and resumed; the deadline counts from then', async () => {
    await create(job('work', { parallelism: 2, completions: 2, activeDeadlineSeconds: 100 }))
    await someRunning(2)
    await patch('work', { suspend: true })
    await when('work', ({ conditions }) => findCondition(conditions, 'Suspended')?.status === 'True')
    await waitFor(async () => (await pods()).length === 0)
    await under.clock.advance(200_000)
    await patch('work', { suspend: false })
    const resumed = await when('work', ({ ready }) => ready === 2)
    expect(resumed.status?.failed ?? 0).toBe(0)
    expect(findCondition(resumed.status?.conditions, 'Suspended')).toMatchObject({
      status: 'False',
      reason: 'JobResumed',
    })
    await under.clock.advance(101_000)
    const done = await ended('work', 'Failed')
    expect(conditionOf(done).at(-1)).toEqual(['Failed', 'DeadlineExceeded'])
    expect(done.status).toMatchObject({ failed: 2 })
    expect(await pods()).toEqual([])
  })

  it('replaces deleted pods, counting them as failures', async () => {
    await create(job('work'))
    const [pod] = await someRunning(1)
    await under.plane.client.delete(resources.pods, { namespace, name: pod?.metadata.name ?? '' })
    await when('work', ({ failed }) => failed === 1)
    await waitFor(async () => {
      await under.clock.advance(1000)
      return (await running()).some(({ metadata }) => metadata.uid !== pod?.metadata.uid)
    })
  })

  it('lets the pods of a deleted job go', async () => {
    await create(job('work'))
    await someRunning(1)
    await under.plane.client.delete(
      resources.jobs,
      { namespace, name: 'work' },
      { propagationPolicy: 'Background' },
    )
    await waitFor(async () => (await pods()).every(({ metadata }) => !metadata.finalizers?.length))
  })

  it('goes some time after its end', async () => {
    await create(job('work', { ttlSecondsAfterFinished: 90 }))
    const [pod] = await someRunning(1)
    if (pod) await finish(pod, 0)
    await ended('work', 'Complete')
    await under.clock.advance(80_000)
    expect((await get('work')).metadata.deletionTimestamp).toBeUndefined()
    await under.clock.advance(20_000)
    const { metadata } = await waitFor(async () => {
      const found = await get('work')
      return found.metadata.deletionTimestamp ? found : undefined
    })
    expect(metadata.finalizers).toEqual(['foregroundDeletion'])
  })
})
