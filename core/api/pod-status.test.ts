import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Pod, PodStatus } from './generated/core-v1.ts'
import { podStatusText, restartsText, summarizePod } from './pod-status.ts'

const now = Date.UTC(2026, 0, 1, 12)

function pod(status: PodStatus, more: { init?: Pod['spec']['containers']; deleted?: boolean } = {}): Pod {
  return {
    metadata: { name: 'p', ...(more.deleted ? { deletionTimestamp: '2026-01-01T11:59:00Z' } : {}) },
    spec: { containers: [{ name: 'a' }, { name: 'b' }], ...(more.init ? { initContainers: more.init } : {}) },
    status,
  }
}
function container(name: string, rest: Partial<ContainerStatus>): ContainerStatus {
  return { name, image: 'i', imageID: '', ready: false, restartCount: 0, ...rest }
}
const running = { running: { startedAt: '2026-01-01T11:00:00Z' } }
const ended = (exitCode: number, reason?: string): ContainerStatus['state'] => ({
  terminated: { exitCode, ...(reason === undefined ? {} : { reason }) },
})

describe('the status of a pod in one word', () => {
  it.each<[string, Pod]>([
    ['Pending', pod({ phase: 'Pending' })],
    [
      'SchedulingGated',
      pod({
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      }),
    ],
    ['Evicted', pod({ phase: 'Failed', reason: 'Evicted' })],
    [
      'ContainerCreating',
      pod({
        phase: 'Pending',
        containerStatuses: [container('a', { state: { waiting: { reason: 'ContainerCreating' } } })],
      }),
    ],
    [
      'CrashLoopBackOff',
      pod({
        phase: 'Running',
        containerStatuses: [
          container('a', { state: { waiting: { reason: 'CrashLoopBackOff' } } }),
          container('b', { state: running, ready: true }),
        ],
      }),
    ],
    [
      'Completed',
      pod({
        phase: 'Succeeded',
        containerStatuses: [
          container('a', { state: ended(0, 'Completed') }),
          container('b', { state: ended(0, 'Completed') }),
        ],
      }),
    ],
    ['Error', pod({ phase: 'Failed', containerStatuses: [container('a', { state: ended(1, 'Error') })] })],
    ['ExitCode:3', pod({ phase: 'Failed', containerStatuses: [container('a', { state: ended(3) })] })],
    [
      'Signal:9',
      pod({
        phase: 'Failed',
        containerStatuses: [container('a', { state: { terminated: { exitCode: 137, signal: 9 } } })],
      }),
    ],
    [
      'NotReady',
      pod({
        phase: 'Running',
        containerStatuses: [
          container('a', { state: ended(0, 'Completed') }),
          container('b', { state: running, ready: true }),
        ],
      }),
    ],
    [
      'Running',
      pod({
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [
          container('a', { state: ended(0, 'Completed') }),
          container('b', { state: running, ready: true }),
        ],
      }),
    ],
    [
      'Init:1/2',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [
            container('i', { state: ended(0, 'Completed') }),
            container('j', { state: running }),
          ],
        },
        { init: [{ name: 'i' }, { name: 'j' }] },
      ),
    ],
    [
      'Init:Error',
      pod(
        { phase: 'Pending', initContainerStatuses: [container('i', { state: ended(1, 'Error') })] },
        { init: [{ name: 'i' }] },
      ),
    ],
    [
      'Init:ExitCode:2',
      pod(
        { phase: 'Pending', initContainerStatuses: [container('i', { state: ended(2) })] },
        { init: [{ name: 'i' }] },
      ),
    ],
    [
      'Init:ImagePullBackOff',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [container('i', { state: { waiting: { reason: 'ImagePullBackOff' } } })],
        },
        { init: [{ name: 'i' }] },
      ),
    ],
    [
      'PodInitializing',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [container('i', { state: ended(0, 'Completed') })],
          containerStatuses: [container('a', { state: { waiting: { reason: 'PodInitializing' } } })],
        },
        { init: [{ name: 'i' }] },
      ),
    ],
    ['Terminating', pod({ phase: 'Running' }, { deleted: true })],
    ['Unknown', pod({ phase: 'Running', reason: 'NodeLost' }, { deleted: true })],
    ['Succeeded', pod({ phase: 'Succeeded' }, { deleted: true })],
  ])('%s', (text, given) => expect(podStatusText(given)).toBe(text))

  it('counts ready containers, sidecars among them', () => {
    const given = pod(
      {
        phase: 'Running',
        initContainerStatuses: [
          container('s', { state: running, ready: true, started: true, restartCount: 1 }),
          container('i', { state: ended(0, 'Completed'), restartCount: 4 }),
        ],
        containerStatuses: [
          container('a', {
            state: running,
            ready: true,
            restartCount: 2,
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T11:55:00Z' } },
          }),
          container('b', { state: running }),
        ],
      },
      { init: [{ name: 's', restartPolicy: 'Always' }, { name: 'i' }] },
    )
    const summary = summarizePod(given)
    expect(summary).toEqual({
      status: 'Running',
      readyContainers: 2,
      totalContainers: 3,
      restarts: 3,
      lastRestart: '2026-01-01T11:55:00Z',
    })
    expect(restartsText(summary, now)).toBe('3 (5m ago)')
    expect(restartsText(summarizePod(pod({ phase: 'Pending' })), now)).toBe('0')
  })
})
