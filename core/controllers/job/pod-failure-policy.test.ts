import { describe, expect, it } from 'vitest'
import type { PodFailurePolicyOnExitCodesRequirement } from '../../api/generated/batch-v1.ts'
import type { ContainerStatus, Pod } from '../../api/generated/core-v1.ts'
import { judgeFailure } from './pod-failure-policy.ts'

const ended = (name: string, exitCode: number): ContainerStatus => ({
  name,
  image: 'busybox',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: { terminated: { exitCode } },
})
const failed = (status: Pod['status']): Pod => ({
  metadata: { name: 'p', namespace: 'default' },
  spec: { containers: [] },
  status: { phase: 'Failed', ...status },
})
const verdict = (onExitCodes: PodFailurePolicyOnExitCodesRequirement, pod: Pod): string | undefined =>
  judgeFailure({ rules: [{ action: 'FailJob', onExitCodes }] }, pod).message

describe('exit codes of a failure policy', () => {
  const pod = failed({
    containerStatuses: [ended('fine', 0), ended('main', 42)],
    initContainerStatuses: [ended('init', 3)],
  })

  it('are those of containers that failed: one that ended well matches no NotIn', () => {
    expect(verdict({ operator: 'NotIn', values: [3, 42] }, pod)).toBeUndefined()
    expect(verdict({ operator: 'NotIn', values: [3] }, pod)).toContain('Container main for pod default/p')
  })

  it('are those of init containers too', () => {
    expect(verdict({ operator: 'In', values: [3] }, pod)).toBe(
      'Container init for pod default/p failed with exit code 3 matching FailJob rule at index 0',
    )
  })

  it('are those of one container where it is named', () => {
    expect(verdict({ containerName: 'main', operator: 'In', values: [3] }, pod)).toBeUndefined()
    expect(verdict({ containerName: 'init', operator: 'In', values: [3] }, pod)).toContain('Container init')
  })
})
