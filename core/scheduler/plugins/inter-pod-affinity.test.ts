import { describe, expect, it } from 'vitest'
import type { Affinity, PodAffinityTerm } from '../../api/generated/core-v1.ts'
import { clusterOf, node, pod, scoresOf, verdicts, type PodOptions } from '../testing/cluster-fixture.ts'
import { interPodAffinityScore } from './inter-pod-affinity-score.ts'
import { interPodAffinityFilter } from './inter-pod-affinity.ts'

const nodes = [node('a1', { zone: 'a' }), node('a2', { zone: 'a' }), node('b1', { zone: 'b' })]
const noAffinity = ["node(s) didn't match pod affinity rules"]
const anti = ["node(s) didn't match pod anti-affinity rules"]
const existing = ["node(s) didn't satisfy existing pods anti-affinity rules"]
const web = { app: 'web' }
type Info = ReturnType<typeof pod>

function near(labels: Record<string, string>, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm {
  return { topologyKey: 'zone', labelSelector: { matchLabels: labels }, ...more }
}
function mustBeNear(...terms: PodAffinityTerm[]): Affinity {
  return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } }
}
function mustBeAway(...terms: PodAffinityTerm[]): Affinity {
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } }
}
const on = (name: string, options: PodOptions = {}): Info =>
  pod(`${name}-${Math.random()}`, { labels: web, node: name, ...options })
const wanting = (affinity: Affinity, more: PodOptions = {}): Info =>
  pod('new', { ...more, spec: { affinity, ...more.spec } })

const everywhere = { a1: [], a2: [], b1: [] }
const nowhere = { a1: noAffinity, a2: noAffinity, b1: noAffinity }

describe('required pod affinity', () => {
  it.each<[string, Info, Info[], Record<string, string[]>]>([
    [
      'goes where such pods are',
      wanting(mustBeNear(near(web))),
      [on('a1')],
      { a1: [], a2: [], b1: noAffinity },
    ],
    ['goes nowhere when there are none', wanting(mustBeNear(near(web))), [], nowhere],
    ['lets the first of its own kind in', wanting(mustBeNear(near(web)), { labels: web }), [], everywhere],
    [
      'lets only the first of its own kind in anywhere',
      wanting(mustBeNear(near(web)), { labels: web }),
      [on('a1')],
      { a1: [], a2: [], b1: noAffinity },
    ],
    [
      'wants one pod that matches every term',
      wanting(mustBeNear(near(web), near({ tier: 'front' }))),
      [on('a1'), on('b1', { labels: { ...web, tier: 'front' } })],
      { a1: noAffinity, a2: noAffinity, b1: [] },
    ],
    [
      'looks in its own namespace',
      wanting(mustBeNear(near(web))),
      [on('a1', { namespace: 'other' })],
      nowhere,
    ],
    [
      'looks in the namespaces it names',
      wanting(mustBeNear(near(web, { namespaces: ['other'] }))),
      [on('b1', { namespace: 'other' }), on('a1')],
      { a1: noAffinity, a2: noAffinity, b1: [] },
    ],
    [
      'looks in the namespaces it selects',
      wanting(mustBeNear(near(web, { namespaceSelector: { matchLabels: { team: 'x' } } }))),
      [on('b1', { namespace: 'team-x' }), on('a1')],
      { a1: noAffinity, a2: noAffinity, b1: [] },
    ],
    [
      'looks everywhere with an empty namespace selector',
      wanting(mustBeNear(near(web, { namespaceSelector: {} }))),
      [on('b1', { namespace: 'other' })],
      { a1: noAffinity, a2: noAffinity, b1: [] },
    ],
    [
      'takes matchLabelKeys from itself',
      wanting(mustBeNear(near(web, { matchLabelKeys: ['rev'] })), { labels: { rev: '2' } }),
      [on('a1', { labels: { ...web, rev: '1' } }), on('b1', { labels: { ...web, rev: '2' } })],
      { a1: noAffinity, a2: noAffinity, b1: [] },
    ],
    ['keeps off', wanting(mustBeAway(near(web))), [on('a1')], { a1: anti, a2: anti, b1: [] }],
    [
      'keeps off hosts only',
      wanting(mustBeAway(near(web, { topologyKey: 'kubernetes.io/hostname' }))),
      [on('a1')],
      { a1: anti, a2: [], b1: [] },
    ],
    [
      'takes mismatchLabelKeys from itself',
      wanting(mustBeAway(near(web, { mismatchLabelKeys: ['tenant'] })), { labels: { tenant: 'x' } }),
      [on('a1', { labels: { ...web, tenant: 'x' } }), on('b1', { labels: { ...web, tenant: 'y' } })],
      { a1: [], a2: [], b1: anti },
    ],
    [
      'respects that others keep off it',
      pod('new', { labels: web }),
      [on('b1', { spec: { affinity: mustBeAway(near(web)) } })],
      { a1: [], a2: [], b1: existing },
    ],
    [
      'does not mind others that keep off somebody else',
      pod('new', { labels: { app: 'db' } }),
      [on('b1', { spec: { affinity: mustBeAway(near(web)) } })],
      everywhere,
    ],
  ])('%s', (_what, info, pods, expected) => {
    const cluster = clusterOf(nodes, pods, { namespaces: { 'team-x': { team: 'x' }, default: {} } })
    expect(verdicts(interPodAffinityFilter, info, cluster)).toEqual(expected)
  })

  it('can be asked as if a pod were not there', () => {
    const first = on('a1', { spec: { affinity: mustBeAway(near(web)) } })
    const cluster = clusterOf(nodes, [first])
    const filter = interPodAffinityFilter.prepare(wanting(mustBeAway(near(web)), { labels: web }), cluster)
    const a1 = cluster.cache.node('a1')
    if (!filter || !a1) throw new Error('nothing to ask')
    expect(filter.check(a1)?.reasons).toEqual(anti)
    filter.removePod?.(first, a1)
    expect(filter.check(a1)).toBeUndefined()
    filter.addPod?.(first, a1)
    expect(filter.check(a1)).toEqual({ reasons: anti, isResolvable: true })
  })

  it('follows pods that go and change', () => {
    const first = on('a1')
    const cluster = clusterOf(nodes, [first])
    const info = wanting(mustBeAway(near(web)))
    cluster.cache.removePod(first.key)
    expect(verdicts(interPodAffinityFilter, info, cluster)).toEqual(everywhere)
    expect([...cluster.cohorts.all()]).toEqual([])
  })
})

describe('preferred pod affinity', () => {
  const preferring = (kind: 'podAffinity' | 'podAntiAffinity', weight: number): Affinity => ({
    [kind]: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: near(web) }],
    },
  })

  it.each<[string, Info, Info[], Record<string, number> | undefined]>([
    ['comes near', wanting(preferring('podAffinity', 5)), [on('a1')], { a1: 100, a2: 100, b1: 0 }],
    ['keeps away', wanting(preferring('podAntiAffinity', 5)), [on('a1')], { a1: 0, a2: 0, b1: 100 }],
    [
      'counts how many there are',
      wanting(preferring('podAffinity', 5)),
      [on('a1'), on('a1'), on('b1')],
      { a1: 100, a2: 100, b1: 0 },
    ],
    [
      'comes to pods that like it',
      pod('new', { labels: web }),
      [on('b1', { labels: {}, spec: { affinity: preferring('podAffinity', 1) } })],
      { a1: 0, a2: 0, b1: 100 },
    ],
    [
      'comes to pods that needed its kind',
      pod('new', { labels: web }),
      [on('b1', { labels: {}, spec: { affinity: mustBeNear(near(web)) } })],
      { a1: 0, a2: 0, b1: 100 },
    ],
    ['has nothing to say without any', pod('new', { labels: web }), [on('a1')], undefined],
  ])('%s', (_what, info, pods, expected) => {
    expect(scoresOf(interPodAffinityScore, info, clusterOf(nodes, pods))).toEqual(expected)
  })
})
