import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Event, Pod } from '../../core/api/generated/core-v1.ts'
import { diagnosePod } from './diagnose-pod.ts'

function pod(status: Pod['status'], nodeName?: string): Pod {
  return {
    metadata: { name: 'web', namespace: 'shop', uid: 'u' },
    spec: { containers: [{ name: 'app', image: 'nginx' }], ...(nodeName ? { nodeName } : {}) },
    status,
  }
}
function container(fields: Partial<ContainerStatus>): ContainerStatus {
  return { name: 'app', image: 'nginx', imageID: '', ready: false, restartCount: 0, ...fields }
}
function warning(reason: string, message: string): Event {
  return { metadata: { name: 'e' }, involvedObject: {}, type: 'Warning', reason, message }
}

describe('diagnosePod', () => {
  it('has nothing to say of a healthy or a finished pod', () => {
    const running = container({ ready: true, state: { running: {} } })
    expect(diagnosePod(pod({ phase: 'Running', containerStatuses: [running] }, 'n'), [])).toEqual([])
    expect(diagnosePod(pod({ phase: 'Succeeded' }), [])).toEqual([])
  })

  it('says why no node takes it, in the scheduler’s words', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' },
    ]
    expect(diagnosePod(pod({ phase: 'Pending', conditions }), [])).toEqual([
      { tone: 'bad', text: 'finding.unschedulable', detail: '0/1 nodes are available' },
    ])
  })

  it('joins a crash loop with the exit code of the last run and points to its log', () => {
    const status = container({
      restartCount: 4,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    })
    expect(diagnosePod(pod({ phase: 'Running', containerStatuses: [status] }, 'n'), [])).toMatchObject([
      {
        tone: 'bad',
        text: 'finding.crashLoop',
        params: { n: 4, code: 3 },
        container: 'app',
        previousLog: true,
      },
    ])
  })

  it('shows how far the pull of an image is, beside the start of the pod', () => {
    const message = 'Pulling image "nginx": 1 of 2 layers'
    const status = container({ state: { waiting: { reason: 'ContainerCreating', message } } })
    const found = diagnosePod(pod({ phase: 'Pending', containerStatuses: [status] }, 'n'), [])
    expect(found).toMatchObject([
      { tone: 'progress', text: 'finding.starting' },
      { tone: 'progress', text: 'finding.preparing', detail: message },
    ])
    const silent = container({ state: { waiting: { reason: 'ContainerCreating' } } })
    const [only, ...more] = diagnosePod(pod({ phase: 'Pending', containerStatuses: [silent] }, 'n'), [])
    expect([only?.text, more]).toEqual(['finding.starting', []])
  })

  it('tells running out of memory from other crashes', () => {
    const status = container({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    })
    expect(diagnosePod(pod({ phase: 'Running', containerStatuses: [status] }, 'n'), [])[0]?.text).toBe(
      'finding.crashLoopOom',
    )
  })

  it('quotes the event that says why an image cannot be pulled', () => {
    const status = container({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off' } } })
    const events = [warning('Failed', 'Error: ImagePullBackOff'), warning('Failed', 'no such host')]
    const [finding] = diagnosePod(pod({ phase: 'Pending', containerStatuses: [status] }, 'n'), events)
    expect(finding).toMatchObject({ text: 'finding.imagePull', detail: 'Back-off' })
    const [other] = diagnosePod(pod({ phase: 'Pending', containerStatuses: [status] }, 'n'), [events[1]!])
    expect(other?.detail).toBe('no such host')
  })

  it('calls a failing probe by its event', () => {
    const status = container({ state: { running: {} } })
    const found = diagnosePod(pod({ phase: 'Running', containerStatuses: [status] }, 'n'), [
      warning('Unhealthy', 'Readiness probe failed'),
    ])
    expect(found).toMatchObject([{ tone: 'warn', text: 'finding.probe', detail: 'Readiness probe failed' }])
  })

  it.each([
    ['PodResizePending', 'Infeasible', 'bad', 'finding.resizeInfeasible'],
    ['PodResizePending', 'Deferred', 'warn', 'finding.resizeDeferred'],
    ['PodResizeInProgress', undefined, 'progress', 'finding.resizing'],
    ['PodResizeInProgress', 'Error', 'bad', 'finding.resizing'],
  ])('tells how a resize goes: %s %s', (type, reason, tone, text) => {
    const running = container({ ready: true, state: { running: {} } })
    const conditions = [{ type, status: 'True', message: 'said', ...(reason && { reason }) }]
    expect(diagnosePod(pod({ phase: 'Running', conditions, containerStatuses: [running] }, 'n'), [])).toEqual(
      [{ tone, text, detail: 'said' }],
    )
  })

  it('names the finalizers a deletion waits for', () => {
    const stuck = pod({ phase: 'Running' }, 'n')
    stuck.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    stuck.metadata.finalizers = ['example.com/hold']
    expect(diagnosePod(stuck, [])).toMatchObject([
      { text: 'finding.finalizers', params: { finalizers: 'example.com/hold' } },
    ])
  })
})
