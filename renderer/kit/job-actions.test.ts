import { describe, expect, it } from 'vitest'
import type { CronJob } from '../../core/api/generated/batch-v1.ts'
import { resources } from '../../core/api/resources.ts'
import type { KubeClient } from '../client/kube-client.ts'
import { manualJobName, runNow, runNowAction, suspendAction, unsuspendAction } from './job-actions.ts'

const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'backup', namespace: 'db', uid: 'u-1' },
  spec: {
    schedule: '@daily',
    jobTemplate: {
      metadata: { labels: { app: 'backup' }, annotations: { note: 'nightly' } },
      spec: { backoffLimit: 2, template: { spec: { containers: [{ name: 'a', image: 'b' }] } } },
    },
  },
} as unknown as CronJob

describe('actions of Jobs and CronJobs', () => {
  it('run a CronJob now, as kubectl create job --from does', async () => {
    const made: unknown[] = []
    const kube = {
      get: () => Promise.resolve(cronJob),
      create: (resource: unknown, object: unknown) => {
        made.push(resource, object)
        return Promise.resolve({ object })
      },
    } as unknown as KubeClient
    await runNow(kube, { namespace: 'db', name: 'backup' }, 'backup-manual-1')
    expect(made[0]).toBe(resources.jobs)
    expect(made[1]).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'backup-manual-1',
        namespace: 'db',
        labels: { app: 'backup' },
        annotations: { note: 'nightly', 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [
          { apiVersion: 'batch/v1', kind: 'CronJob', name: 'backup', uid: 'u-1', controller: true },
        ],
      },
      spec: cronJob.spec.jobTemplate.spec,
    })
    const target = { resource: resources.cronJobs, namespace: 'db', name: 'backup' }
    expect(runNowAction.dialog?.kubectl?.(target, { name: 'once' })).toBe(
      'create job once -n db --from=cronjob/backup',
    )
  })

  it('name the Job within what a Job may be called', () => {
    expect(manualJobName('a'.repeat(52), 1_790_000_000_000)).toHaveLength(63)
    expect(manualJobName('backup', 1_790_000_000_000)).toMatch(/^backup-manual-[0-9a-z]+$/)
  })

  it('offer to hold what runs and to resume what is held', () => {
    const offered = (suspend: boolean): string[] => {
      const object = { ...cronJob, spec: { ...cronJob.spec, suspend } }
      const target = { resource: resources.cronJobs, name: 'backup', object }
      return [suspendAction, unsuspendAction].filter((one) => one.when?.(target)).map(({ id }) => id)
    }
    expect([offered(false), offered(true)]).toEqual([['suspend'], ['unsuspend']])
  })
})
