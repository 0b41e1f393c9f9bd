import { describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import { rankByProcesses, rankPods, type MeasuredPod } from './rank-pods.ts'

function measured(
  name: string,
  used: number,
  more: { memory?: string; priority?: number; annotations?: Record<string, string> } = {},
): MeasuredPod {
  const { memory, priority = 0, annotations = {} } = more
  const resources = memory === undefined ? {} : { requests: { memory } }
  const pod: Pod = {
    metadata: { name, annotations },
    spec: { priority, containers: [{ name: 'app', image: 'app', resources }] },
  }
  return { pod, used, containers: [] }
}
const names = (pods: MeasuredPod[]): string[] => pods.map(({ pod }) => pod.metadata.name)

describe('pods that go when memory is short', () => {
  it('are first those that use more than they asked for, however important', () => {
    const pods = [
      measured('within', 90, { memory: '100', priority: 0 }),
      measured('exact', 100, { memory: '100', priority: -5 }),
      measured('beyond', 110, { memory: '100', priority: 1000 }),
    ]
    expect(names(rankPods(pods, 'memory'))).toEqual(['beyond', 'exact', 'within'])
  })

  it('are among those the less important, then those that exceed it by more', () => {
    const pods = [
      measured('little', 110, { memory: '100' }),
      measured('important', 900, { priority: 10 }),
      measured('much', 150, { memory: '100' }),
    ]
    expect(names(rankPods(pods, 'memory'))).toEqual(['much', 'little', 'important'])
  })

  it('are never the critical ones', () => {
    const pods = [
      measured('critical', 900, { priority: 2_000_000_000 }),
      measured('static', 900, { annotations: { 'kubernetes.io/config.source': 'file' } }),
      measured('user', 1, { priority: 1_000_000_000 }),
    ]
    expect(names(rankPods(pods, 'memory'))).toEqual(['user'])
    expect(names(rankByProcesses(pods))).toEqual(['user'])
  })
})
