import { describe, expect, it } from 'vitest'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { createNominator } from '../nominator.ts'
import { defaultFilters } from '../plugins/default-plugins.ts'
import { createAlgorithm } from '../schedule-one.ts'
import { clusterOf, node, pod, type PodOptions } from '../testing/cluster-fixture.ts'
import { violatingPods } from './disruption-budgets.ts'
import { pickCandidate } from './pick-candidate.ts'
import { findPreemption, type PreemptionOutcome } from './preemption.ts'

type Info = ReturnType<typeof pod>
const older = { startTime: '2026-01-01T00:00:00Z' }
const newer = { startTime: '2026-01-02T00:00:00Z' }

function using(name: string, cpu: string, options: PodOptions = {}): Info {
  const spec = { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }], ...options.spec }
  return pod(name, { ...options, spec })
}

function budget(app: string, allowed: number): PodDisruptionBudget {
  return {
    metadata: { name: app, namespace: 'default' },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed: allowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  }
}

function preempt(
  info: Info,
  cluster: ReturnType<typeof clusterOf>,
  more: { budgets?: PodDisruptionBudget[]; nominated?: string } = {},
): PreemptionOutcome {
  const nominator = createNominator()
  if (more.nominated) nominator.set(info, more.nominated)
  const random = (): number => 0
  const options = { filters: defaultFilters, scores: [], cluster, nominator, random }
  const attempt = createAlgorithm(options).schedule(info)
  expect(attempt.chosen).toBeUndefined()
  return findPreemption(info, attempt, {
    ...options,
    budgets: more.budgets ?? [],
    isBeingEvicted: () => false,
  })
}
const victims = ({ candidate }: PreemptionOutcome): string[] | undefined =>
  candidate?.victims.map((info) => info.pod.metadata.name)

describe('preemption', () => {
  const nodes = [node('a'), node('b')]

  it.each<[string, Info[], { node: string; victims: string[] }]>([
    [
      'takes as few as are needed, the least important ones',
      [
        using('a-old', '1', { node: 'a', status: older }),
        using('a-new', '1', { node: 'a', status: newer }),
        using('a-high', '2', { node: 'a', priority: 5 }),
        using('b-high', '4', { node: 'b', priority: 5 }),
      ],
      { node: 'a', victims: ['a-new'] },
    ],
    [
      'prefers the node whose most important victim matters least',
      [using('a', '4', { node: 'a', priority: 3 }), using('b', '4', { node: 'b', priority: 2 })],
      { node: 'b', victims: ['b'] },
    ],
    [
      'then fewer victims',
      [
        using('a1', '3500m', { node: 'a' }),
        using('a2', '500m', { node: 'a', status: older }),
        using('b1', '4', { node: 'b' }),
      ],
      { node: 'a', victims: ['a1'] },
    ],
    [
      'then the ones started last',
      [using('a', '4', { node: 'a', status: older }), using('b', '4', { node: 'b', status: newer })],
      { node: 'b', victims: ['b'] },
    ],
  ])('%s', (_what, pods, expected) => {
    const cluster = clusterOf(nodes, pods)
    const outcome = preempt(using('new', '1', { priority: 10 }), cluster)
    expect({ node: outcome.candidate?.node.name, victims: victims(outcome) }).toEqual(expected)
    expect(outcome.message).toBeUndefined()
  })

  it('leaves nodes and plugins as they were', () => {
    const cluster = clusterOf(nodes, [using('a', '4', { node: 'a' }), using('b', '4', { node: 'b' })])
    preempt(using('new', '1', { priority: 10 }), cluster)
    expect(cluster.nodes().map(({ pods, requested }) => [pods.size, requested.milliCpu])).toEqual([
      [1, 4000],
      [1, 4000],
    ])
  })

  it('makes room where a pod keeps others off', () => {
    const affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
        ],
      },
    }
    const lonely = using('lonely', '1', { node: 'a', spec: { affinity } })
    const outcome = preempt(
      using('new', '1', { priority: 1, labels: { app: 'web' } }),
      clusterOf([node('a')], [lonely]),
    )
    expect(victims(outcome)).toEqual(['lonely'])
  })

  it('spares what a budget protects, and takes it when there is nothing else', () => {
    const guarded = using('guarded', '4', { node: 'a', labels: { app: 'guarded' } })
    const free = using('free', '4', { node: 'b', priority: 5 })
    const info = using('new', '1', { priority: 10 })
    const budgets = [budget('guarded', 0)]
    expect(victims(preempt(info, clusterOf(nodes, [guarded, free]), { budgets }))).toEqual(['free'])
    expect(victims(preempt(info, clusterOf(nodes, [guarded, free])))).toEqual(['guarded'])
    const alone = preempt(info, clusterOf([node('a')], [guarded]), { budgets })
    expect(alone.candidate).toMatchObject({ violations: 1 })
  })

  it.each<[string, Info, Info[], string]>([
    [
      'a policy of never',
      using('new', '1', { priority: 9, spec: { preemptionPolicy: 'Never' } }),
      [],
      'not eligible due to preemptionPolicy=Never.',
    ],
    [
      'nobody less important',
      using('new', '1'),
      [],
      '0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    ],
    [
      'more than a node has',
      using('new', '64', { priority: 9 }),
      [],
      '0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    ],
    [
      'victims that are not enough',
      using('new', '2', { priority: 9 }),
      [],
      '0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 Insufficient cpu.',
    ],
  ])('says why it does not help: %s', (what, info, _pods, message) => {
    const low = what.includes('not enough')
      ? [using('a-low', '1', { node: 'a' }), using('b-low', '1', { node: 'b' })]
      : []
    const size = low.length > 0 ? '3' : '4'
    const high = [
      using('a', size, { node: 'a', priority: 99 }),
      using('b', size, { node: 'b', priority: 99 }),
    ]
    const cordoned = node('c', {}, { spec: { unschedulable: true } })
    const outcome = preempt(info, clusterOf([...nodes, cordoned], [...high, ...low]))
    expect(outcome).toMatchObject({ message })
    expect(outcome.candidate).toBeUndefined()
  })

  it('waits for those it has asked to go', () => {
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }
    const going = using('going', '4', { node: 'a', terminating: true, status: { conditions: [condition] } })
    const info = using('new', '1', { priority: 9 })
    const cluster = clusterOf(nodes, [going, using('b', '4', { node: 'b' })])
    expect(preempt(info, cluster, { nominated: 'a' })).toEqual({
      message: 'not eligible due to a terminating pod on the nominated node.',
      clearsNomination: false,
    })
  })

  it('keeps room for the nominated from pods that matter less', () => {
    const cluster = clusterOf([node('a')], [])
    const nominator = createNominator()
    nominator.set(using('big', '4', { priority: 9 }), 'a')
    const options = { filters: defaultFilters, scores: [], cluster, nominator, random: () => 0 }
    const { schedule } = createAlgorithm(options)
    expect(schedule(using('small', '1')).rejections.get('a')?.rejection.reasons).toEqual(['Insufficient cpu'])
    expect(schedule(using('higher', '1', { priority: 10 })).chosen?.name).toBe('a')
    expect(schedule(using('big', '4', { priority: 9 })).chosen?.name).toBe('a')
    expect(cluster.nodes()[0]?.requested.milliCpu).toBe(0)
  })
})

describe('disruption budgets', () => {
  const pods = ['p1', 'p2', 'p3'].map((name) => pod(name, { labels: { app: 'web' } }))
  it.each<[string, PodDisruptionBudget, string[]]>([
    ['let as many go as they allow', budget('web', 2), ['p3']],
    ['do not concern other pods', budget('db', 0), []],
    ['cover nothing with an empty selector', { ...budget('web', 0), spec: { selector: {} } }, []],
    [
      'do not concern other namespaces',
      { ...budget('web', 0), metadata: { name: 'x', namespace: 'other' } },
      [],
    ],
    [
      'have counted disrupted pods already',
      {
        ...budget('web', 1),
        status: {
          disruptionsAllowed: 1,
          currentHealthy: 1,
          desiredHealthy: 1,
          expectedPods: 1,
          disruptedPods: { p1: '2026-01-01T00:00:00Z' },
        },
      },
      ['p3'],
    ],
  ])('%s', (_what, given, expected) => {
    expect([...violatingPods(pods, [given])].map((info) => info.pod.metadata.name)).toEqual(expected)
  })
})

describe('the choice among candidates', () => {
  it('looks at budgets before priorities', () => {
    const [first, second] = clusterOf([node('a'), node('b')], []).nodes()
    if (!first || !second) throw new Error('no nodes')
    const picked = pickCandidate([
      { node: first, victims: [pod('low')], violations: 1 },
      { node: second, victims: [pod('high', { priority: 5 })], violations: 0 },
    ])
    expect(picked?.node.name).toBe('b')
    expect(pickCandidate([])).toBeUndefined()
  })
})
