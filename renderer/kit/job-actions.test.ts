import { describe, expect, it } from 'vitest'
import type { CronJob, Job } from '../../core/api/generated/batch-v1.ts'
import { resources } from '../../core/api/resources.ts'
import type { KubeClient } from '../client/kube-client.ts'
import {
  manualJobName,
  runAgain,
  runAgainAction,
  runNow,
  runNowAction,
  suspendAction,
  unsuspendAction,
} from './job-actions.ts'

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

  it('make anew what a Job did, without what tells its pods from those of others', async () => {
    const made = {
      'batch.kubernetes.io/controller-uid': 'u-2',
      'batch.kubernetes.io/job-name': 'import',
      'controller-uid': 'u-2',
      'job-name': 'import',
    }
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'import', uid: 'u-1', controller: true }
    const pod = { containers: [{ name: 'a', image: 'b' }] }
    const job = {
      metadata: {
        name: 'import',
        uid: 'u-2',
        labels: { ...made, app: 'import' },
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'x' },
        ownerReferences: [owner],
      },
      spec: {
        backoffLimit: 1,
        suspend: false,
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-2' } },
        template: { metadata: { labels: { ...made, app: 'import' } }, spec: pod },
      },
      status: { failed: 1 },
    } as unknown as Job
    const objects: unknown[] = []
    const kube = {
      get: () => Promise.resolve(job),
      create: (_resource: unknown, object: unknown) => Promise.resolve(objects.push(object)),
    } as unknown as KubeClient
    await runAgain(kube, { namespace: 'db', name: 'import' }, 'import-manual-1')
    expect(objects).toEqual([
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          name: 'import-manual-1',
          namespace: 'db',
          labels: { app: 'import' },
          annotations: { note: 'x' },
          ownerReferences: [owner],
        },
        spec: { backoffLimit: 1, template: { metadata: { labels: { app: 'import' } }, spec: pod } },
      },
    ])
  })

  it('offer to run again what has ended, in a list as in a detail', () => {
    const conditions = [{ type: 'Failed', status: 'True' }]
    const target = { resource: resources.jobs, name: 'import' }
    const offered = (more: object): boolean => runAgainAction.when!({ ...target, ...more } as never)
    expect(offered({ row: { data: { conditions } } })).toBe(true)
    expect(offered({ row: { data: { conditions: [] } } })).toBe(false)
    expect(offered({ object: { status: { conditions } } })).toBe(true)
    expect(offered({ object: { status: {} } })).toBe(false)
  })

  it('name the Job within what a Job may be called', () => {
    expect(manualJobName('a'.repeat(52), 1_790_000_000_000)).toHaveLength(63)
    const name = manualJobName('backup', 1_790_000_000_000)
    expect(name).toMatch(/^backup-manual-[0-9a-z]+$/)
    expect(manualJobName(name, 1_790_000_001_000)).toMatch(/^backup-manual-[0-9a-z]+$/)
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
