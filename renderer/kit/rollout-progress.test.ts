import { describe, expect, it } from 'vitest'
import type { DaemonSet, StatefulSet } from '../../core/api/generated/apps-v1.ts'
import { diagnoseRollout, progressOf } from './rollout-progress.ts'

function statefulSet(spec: object, status: object): StatefulSet {
  return {
    kind: 'StatefulSet',
    metadata: { name: 'store', generation: 2 },
    spec: { replicas: 3, ...spec },
    status: { observedGeneration: 2, ...status },
  } as unknown as StatefulSet
}
function daemonSet(status: object): DaemonSet {
  return {
    kind: 'DaemonSet',
    metadata: { name: 'agent', generation: 1 },
    spec: {},
    status: { observedGeneration: 1, ...status },
  } as unknown as DaemonSet
}
const all = { updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
const texts = (object: StatefulSet | DaemonSet): string[] =>
  diagnoseRollout(object, []).map(({ tone, text }) => `${tone} ${text}`)

describe('how far the rollout of a StatefulSet or DaemonSet is', () => {
  it('counts what is to be updated up to the partition', () => {
    const held = statefulSet({ updateStrategy: { rollingUpdate: { partition: 2 } } }, all)
    expect(progressOf(held)).toMatchObject({ wanted: 3, toUpdate: 1, updated: 3 })
    expect(progressOf(held).strategy).toBe('RollingUpdate · partition 2 · OrderedReady')
  })

  it('counts the nodes of a DaemonSet', () => {
    const object = daemonSet({ desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberReady: 2 })
    expect(progressOf(object)).toMatchObject({ wanted: 2, toUpdate: 2, updated: 1, ready: 2, available: 0 })
    expect(progressOf(object).strategy).toBe('RollingUpdate · maxSurge 0 · maxUnavailable 1')
  })

  it('says what is not done yet, and nothing when all is', () => {
    expect(texts(statefulSet({}, all))).toEqual([])
    expect(texts(statefulSet({}, { ...all, observedGeneration: 1 }))).toEqual(['progress finding.unobserved'])
    expect(texts(statefulSet({}, { ...all, updatedReplicas: 1 }))).toEqual(['progress finding.rolling'])
    expect(
      texts(statefulSet({ updateStrategy: { type: 'OnDelete' } }, { ...all, updatedReplicas: 1 })),
    ).toEqual(['warn finding.onDelete'])
    expect(texts(daemonSet({ desiredNumberScheduled: 2, updatedNumberScheduled: 2 }))).toEqual([
      'bad finding.unavailable',
    ])
  })

  it('repeats what the latest warning says of pods that are missing', () => {
    const object = statefulSet({}, { ...all, availableReplicas: 1 })
    const [finding] = diagnoseRollout(object, [{ type: 'Warning', message: 'exceeded quota' } as never])
    expect(finding).toMatchObject({ tone: 'warn', detail: 'exceeded quota' })
  })
})
