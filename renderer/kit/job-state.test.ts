import { describe, expect, it } from 'vitest'
import type { Job } from '../../core/api/generated/batch-v1.ts'
import type { Event } from '../../core/api/generated/core-v1.ts'
import { diagnoseJob, isFinishedJob, jobDuration, summarizeJob } from './job-state.ts'

function jobWith(status: Job['status'], spec: Partial<Job['spec']> = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'pi', namespace: 'default' },
    spec: { template: {}, ...spec },
    status,
  } as Job
}
const condition = (type: string, more: object = {}): NonNullable<Job['status']> =>
  ({ conditions: [{ type, status: 'True', ...more }] }) as NonNullable<Job['status']>

describe('the state of a Job', () => {
  it('is named as kubectl names it', () => {
    expect(summarizeJob(jobWith({}))).toEqual({ text: 'Running', tone: 'progress' })
    expect(summarizeJob(jobWith(condition('Complete'))).text).toBe('Complete')
    expect(summarizeJob(jobWith(condition('Suspended')))).toEqual({ text: 'Suspended', tone: 'off' })
    // A Job that failed carries both; the end is what counts.
    const failed = {
      conditions: [...condition('FailureTarget').conditions!, ...condition('Failed').conditions!],
    }
    expect(summarizeJob(jobWith(failed)).text).toBe('Failed')
    expect([isFinishedJob(jobWith(failed)), isFinishedJob(jobWith(condition('Suspended')))]).toEqual([
      true,
      false,
    ])
  })

  it('says that its pods are refused as long as it has none', () => {
    const message = 'Error creating: pods "pi-x" is forbidden: failed quota: team: must specify limits.memory'
    const events = [{ type: 'Warning', reason: 'FailedCreate', message }] as Event[]
    expect(diagnoseJob(jobWith({}), events)).toEqual([
      { tone: 'bad', text: 'finding.replicaFailure', detail: message },
    ])
    for (const status of [{ active: 1 }, condition('Complete'), condition('Suspended')])
      expect(diagnoseJob(jobWith(status), events)).toEqual([])
  })

  it('says why it failed, and counts what failed on the way', () => {
    const failed = condition('Failed', { reason: 'BackoffLimitExceeded', message: 'has reached the limit' })
    expect(diagnoseJob(jobWith(failed))).toEqual([
      {
        tone: 'bad',
        text: 'finding.jobFailed',
        params: { reason: 'BackoffLimitExceeded' },
        detail: 'has reached the limit',
      },
    ])
    expect(diagnoseJob(jobWith({ failed: 2 }, { backoffLimit: 3 }))[0]?.params).toEqual({
      count: 2,
      limit: 3,
    })
    expect(diagnoseJob(jobWith({ ...condition('Complete'), failed: 2 }))).toEqual([])
    const indexed = { backoffLimit: 2 ** 31 - 1, backoffLimitPerIndex: 1 }
    expect(diagnoseJob(jobWith({ failed: 2 }, indexed))).toEqual([
      { tone: 'warn', text: 'finding.indexRetries', params: { count: 2, limit: 1 } },
    ])
  })

  it('lasts to its end, or until now', () => {
    const startTime = '2026-01-01T00:00:00Z'
    const now = Date.parse('2026-01-01T00:10:00Z')
    expect(jobDuration(jobWith({}), now)).toBeUndefined()
    expect(jobDuration(jobWith({ startTime }), now)).toBe(600_000)
    expect(jobDuration(jobWith({ startTime, completionTime: '2026-01-01T00:00:30Z' }), now)).toBe(30_000)
    const failed = condition('Failed', { lastTransitionTime: '2026-01-01T00:01:00Z' })
    expect(jobDuration(jobWith({ startTime, ...failed }), now)).toBe(60_000)
  })
})
