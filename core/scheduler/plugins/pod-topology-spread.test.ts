import { describe, expect, it } from 'vitest'
import type { TopologySpreadConstraint } from '../../api/generated/core-v1.ts'
import { clusterOf, node, pod, scoresOf, verdicts, type PodOptions } from '../testing/cluster-fixture.ts'
import { podTopologySpreadScore } from './pod-topology-spread-score.ts'
import { podTopologySpreadFilter } from './pod-topology-spread.ts'

const zone = 'zone'
const host = 'kubernetes.io/hostname'
const web = { app: 'web' }
const refused = ["node(s) didn't match pod topology spread constraints"]
const unlabelled = ["node(s) didn't match pod topology spread constraints (missing required label)"]

function over(topologyKey: string, more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint {
  return {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: web },
    ...more,
  }
}
const softly = { whenUnsatisfiable: 'ScheduleAnyway' }

function spreading(constraints: TopologySpreadConstraint[], more: PodOptions = {}): ReturnType<typeof pod> {
  return pod('new', {
    labels: web,
    ...more,
    spec: { topologySpreadConstraints: constraints, ...more.spec },
  })
}

const nodes = [node('a1', { zone: 'a' }), node('a2', { zone: 'a' }), node('b1', { zone: 'b' })]
const on = (name: string, options: PodOptions = {}): ReturnType<typeof pod> =>
  pod(`${name}-${Math.random()}`, { labels: web, node: name, ...options })

describe('required topology spread', () => {
  it.each<[string, ReturnType<typeof pod>, ReturnType<typeof pod>[], Record<string, string[]>]>([
    ['lets the first pod go anywhere', spreading([over(zone)]), [], { a1: [], a2: [], b1: [] }],
    [
      'keeps to maxSkew over zones',
      spreading([over(zone)]),
      [on('a1')],
      { a1: refused, a2: refused, b1: [] },
    ],
    ['allows a larger skew', spreading([over(zone, { maxSkew: 2 })]), [on('a1')], { a1: [], a2: [], b1: [] }],
    [
      'wants every rule kept',
      spreading([over(zone), over(host)]),
      [on('a1'), on('b1')],
      { a1: refused, a2: [], b1: refused },
    ],
    [
      'counts only pods of its own namespace that are not ending',
      spreading([over(zone)]),
      [
        on('a1', { namespace: 'other' }),
        on('a1', { terminating: true }),
        on('a2', { labels: { app: 'db' } }),
      ],
      { a1: [], a2: [], b1: [] },
    ],
    [
      'does not count itself when it is not selected',
      spreading([over(zone)], { labels: { app: 'other' } }),
      [on('a1')],
      { a1: [], a2: [], b1: [] },
    ],
    [
      'takes the minimum for 0 while there are fewer domains than minDomains',
      spreading([over(zone, { minDomains: 3 })]),
      [on('a1'), on('b1')],
      { a1: refused, a2: refused, b1: refused },
    ],
    [
      'tells revisions apart by matchLabelKeys',
      spreading([over(zone, { matchLabelKeys: ['rev'] })], { labels: { ...web, rev: '2' } }),
      [on('a1', { labels: { ...web, rev: '1' } })],
      { a1: [], a2: [], b1: [] },
    ],
    [
      'leaves domains out that node affinity excludes',
      spreading([over(zone)], { spec: { nodeSelector: { zone: 'a' } } }),
      [on('a1')],
      { a1: [], a2: [], b1: [] },
    ],
    [
      'counts them too when told to ignore node affinity',
      spreading([over(zone, { nodeAffinityPolicy: 'Ignore' })], { spec: { nodeSelector: { zone: 'a' } } }),
      [on('a1')],
      { a1: refused, a2: refused, b1: [] },
    ],
  ])('%s', (_what, info, pods, expected) => {
    expect(verdicts(podTopologySpreadFilter, info, clusterOf(nodes, pods))).toEqual(expected)
  })

  it('refuses nodes without the label for good', () => {
    const cluster = clusterOf([node('plain'), ...nodes], [])
    const info = spreading([over(zone)])
    expect(verdicts(podTopologySpreadFilter, info, cluster)).toMatchObject({ plain: unlabelled, a1: [] })
    const plain = cluster.cache.node('plain')
    if (!plain) throw new Error('no such node')
    expect(podTopologySpreadFilter.prepare(info, cluster)?.check(plain)?.isResolvable).toBe(false)
  })

  it.each([
    ['Ignore', { a1: refused, t1: [] }],
    ['Honor', { a1: [], t1: [] }],
  ])('counts a tainted domain by nodeTaintsPolicy %s', (nodeTaintsPolicy, expected) => {
    const tainted = node('t1', { zone: 't' }, { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } })
    const cluster = clusterOf([node('a1', { zone: 'a' }), tainted], [on('a1')])
    expect(verdicts(podTopologySpreadFilter, spreading([over(zone, { nodeTaintsPolicy })]), cluster)).toEqual(
      expected,
    )
  })

  it('can be asked as if a pod were not there', () => {
    const victim = on('a1')
    const cluster = clusterOf(nodes, [victim])
    const filter = podTopologySpreadFilter.prepare(spreading([over(zone)]), cluster)
    const a1 = cluster.cache.node('a1')
    if (!a1 || !filter) throw new Error('nothing to ask')
    expect(filter.check(a1)?.reasons).toEqual(refused)
    filter.removePod?.(victim, a1)
    expect(filter.check(a1)).toBeUndefined()
    filter.addPod?.(victim, a1)
    expect(filter.check(a1)?.reasons).toEqual(refused)
  })

  it('is helped by pods it counts and by nodes that have a place', () => {
    const cluster = clusterOf(nodes, [])
    const [a1] = cluster.nodes()
    if (!a1) throw new Error('no nodes')
    const info = spreading([over(zone)])
    const helps = (event: Parameters<NonNullable<typeof podTopologySpreadFilter.isHelpedBy>>[1]): boolean =>
      podTopologySpreadFilter.isHelpedBy?.(info, event, cluster) ?? false
    expect(helps({ type: 'PodDelete', pod: on('a1'), node: a1 })).toBe(true)
    expect(helps({ type: 'PodAdd', pod: on('b1'), node: a1 })).toBe(true)
    expect(helps({ type: 'PodAdd', pod: on('b1', { labels: { app: 'db' } }), node: a1 })).toBe(false)
    const ending = {
      type: 'PodUpdate',
      pod: on('a1', { terminating: true }),
      previous: on('a1'),
      node: a1,
    } as const
    expect(helps(ending)).toBe(true)
    expect(helps({ ...ending, pod: on('a1') })).toBe(false)
    expect(helps({ type: 'NodeAdd', node: a1 })).toBe(true)
  })
})

describe('preferred topology spread', () => {
  it('likes emptier domains better', () => {
    const cluster = clusterOf(nodes, [on('a1'), on('a2'), on('a2'), on('b1')])
    const scores = scoresOf(podTopologySpreadScore, spreading([over(zone, softly)]), cluster)
    expect(scores).toEqual({ a1: 25, a2: 25, b1: 100 })
    expect(scoresOf(podTopologySpreadScore, spreading([over(host, softly)]), cluster)).toEqual({
      a1: 100,
      a2: 66,
      b1: 100,
    })
  })

  it('gives nothing to nodes without a place', () => {
    const cluster = clusterOf([node('plain'), ...nodes], [on('a1')])
    const scores = scoresOf(podTopologySpreadScore, spreading([over(zone, softly)]), cluster)
    expect(scores).toEqual({ plain: 0, a1: 0, a2: 0, b1: 100 })
  })

  it('spreads the pods of a Service by itself, also where there are no zones', () => {
    const bare = [node('a'), node('b')]
    const peersOf = () => (labels: Record<string, string> | undefined) => labels?.app === 'web'
    const cluster = { ...clusterOf(bare, [on('a'), on('a')]), peersOf }
    expect(scoresOf(podTopologySpreadScore, pod('new', { labels: web }), cluster)).toMatchObject({ b: 100 })
    expect(verdicts(podTopologySpreadFilter, pod('new', { labels: web }), cluster)).toEqual({ a: [], b: [] })
  })

  it('says nothing of pods that nobody asks to spread', () => {
    expect(scoresOf(podTopologySpreadScore, pod('new'), clusterOf(nodes, []))).toBeUndefined()
  })
})
