import { describe, expect, it } from 'vitest'
import type { HPAScalingRules } from '../../api/generated/autoscaling-v2.ts'
import { limitByBehavior, limitByDefault, type LimitInput } from './scaling-limits.ts'
import { stabilize } from './stabilize.ts'

const now = 1_000_000_000

function input(current: number, desired: number, more: Partial<LimitInput> = {}): LimitInput {
  return {
    current,
    desired,
    min: 1,
    max: 1000,
    now,
    history: { recommendations: [], ups: [], downs: [] },
    ...more,
  }
}

describe('stabilization', () => {
  it.each([
    [300_000, 2],
    [299_999, 5],
  ])('of scaling down goes by what was recommended within the window: %i ms ago', (age, replicas) => {
    const history = { recommendations: [{ at: now - age, replicas: 5 }], ups: [], downs: [] }
    const limited = stabilize(input(5, 2, { history }), { upMs: 0, downMs: 300_000 })
    expect(limited.replicas).toBe(replicas)
  })
})

describe('limits without a behaviour', () => {
  it.each([
    [1, 10, 4, 'ScaleUpLimit'],
    [10, 30, 20, 'ScaleUpLimit'],
    [10, 15, 15, 'DesiredWithinRange'],
    [10, 0, 1, 'TooFewReplicas'],
    [600, 1100, 1000, 'TooManyReplicas'],
  ])('%i replicas, %i asked for: %i, %s', (current, desired, replicas, reason) => {
    expect(limitByDefault(input(current, desired))).toMatchObject({ replicas, reason })
  })
})

describe('limits by a behaviour', () => {
  const rules = (selectPolicy: string, ...policies: Array<[string, number, number]>): HPAScalingRules => ({
    selectPolicy,
    policies: policies.map(([type, value, periodSeconds]) => ({ type, value, periodSeconds })),
  })
  const pods4 = ['Pods', 4, 60] as [string, number, number]
  const percent50 = ['Percent', 50, 60] as [string, number, number]

  it.each<[string, LimitInput, HPAScalingRules, number, string]>([
    ['the policy that adds most', input(10, 100), rules('Max', pods4, percent50), 15, 'ScaleUpLimit'],
    ['the policy that adds least', input(10, 100), rules('Min', pods4, percent50), 14, 'ScaleUpLimit'],
    ['none when it is disabled', input(10, 100), rules('Disabled', pods4), 10, 'ScaleUpLimit'],
    ['what is asked for when it is within', input(10, 13), rules('Max', pods4), 13, 'DesiredWithinRange'],
    ['the maximum', input(10, 100, { max: 12 }), rules('Max', pods4), 12, 'TooManyReplicas'],
    [
      'less after what was added in the period',
      input(12, 100, { history: { recommendations: [], ups: [{ at: now - 30_000, change: 2 }], downs: [] } }),
      rules('Max', pods4),
      14,
      'ScaleUpLimit',
    ],
    [
      'all again after the period',
      input(12, 100, { history: { recommendations: [], ups: [{ at: now - 61_000, change: 2 }], downs: [] } }),
      rules('Max', pods4),
      16,
      'ScaleUpLimit',
    ],
  ])('up: %s', (_name, given, scaleUp, ...[replicas, reason]) => {
    expect(limitByBehavior(given, { scaleUp, scaleDown: {} })).toMatchObject({ replicas, reason })
  })

  it.each<[string, LimitInput, HPAScalingRules, number, string]>([
    ['the policy that removes most', input(10, 1), rules('Max', pods4, percent50), 5, 'ScaleDownLimit'],
    ['the policy that removes least', input(10, 1), rules('Min', pods4, percent50), 6, 'ScaleDownLimit'],
    ['none when it is disabled', input(10, 1), rules('Disabled', pods4), 10, 'ScaleDownLimit'],
    ['the minimum', input(3, 1, { min: 2 }), rules('Max', ['Percent', 100, 15]), 2, 'TooFewReplicas'],
    [
      'less after what was removed in the period',
      input(8, 1, { history: { recommendations: [], ups: [], downs: [{ at: now - 30_000, change: 2 }] } }),
      rules('Max', pods4),
      6,
      'ScaleDownLimit',
    ],
  ])('down: %s', (_name, given, scaleDown, ...[replicas, reason]) => {
    expect(limitByBehavior(given, { scaleUp: {}, scaleDown })).toMatchObject({ replicas, reason })
  })
})

describe('stabilisation', () => {
  const recent = (...replicas: number[]): LimitInput['history'] => ({
    recommendations: replicas.map((one, index) => ({
      at: now - (replicas.length - index) * 15_000,
      replicas: one,
    })),
    ups: [],
    downs: [],
  })

  it('goes down by the highest of the window and up at once', () => {
    const windows = { upMs: 0, downMs: 300_000 }
    expect(stabilize(input(10, 2, { history: recent(8, 5) }), windows)).toMatchObject({
      replicas: 8,
      reason: 'ScaleDownStabilized',
    })
    expect(stabilize(input(3, 9, { history: recent(3, 3) }), windows)).toMatchObject({
      replicas: 9,
      reason: 'ReadyForNewScale',
    })
  })

  it('goes up by the lowest of the window where there is one', () => {
    expect(stabilize(input(3, 9, { history: recent(5, 7) }), { upMs: 60_000, downMs: 0 })).toMatchObject({
      replicas: 5,
      reason: 'ScaleUpStabilized',
    })
  })

  it('forgets what lies before the window', () => {
    const given = input(10, 2, { history: recent(8, 5) })
    expect(stabilize(given, { upMs: 0, downMs: 20_000 }).replicas).toBe(5)
    expect(given.history.recommendations.map(({ replicas }) => replicas)).toEqual([5, 2])
  })
})
