import { describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodMetricsByName } from './metrics-client.ts'
import { defaultTuning } from './options.ts'
import {
  averageReplicas,
  perPodReplicas,
  utilizationReplicas,
  valueReplicas,
  type CalculatorInput,
} from './replica-calculator.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString()

interface PodSketch {
  /** Millicores requested. */
  request?: number
  phase?: string
  ready?: boolean
  startedAgo?: number
  changedAgo?: number
  deleted?: boolean
}

function pod(name: string, sketch: PodSketch = {}): Pod {
  const { request = 1000, phase = 'Running', ready = true, startedAgo = 3600, changedAgo = 3500 } = sketch
  return {
    metadata: { name, ...(sketch.deleted ? { deletionTimestamp: at(0) } : {}) },
    spec: {
      containers: [
        { name: 'app', image: 'app', resources: request < 0 ? {} : { requests: { cpu: `${request}m` } } },
      ],
    },
    status: {
      phase,
      startTime: at(startedAgo),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at(changedAgo) }],
    },
  }
}

/** Millicores used by pods a, b, c … ; undefined for one that was not measured. */
function used(...values: Array<number | undefined>): PodMetricsByName {
  const known: PodMetricsByName = new Map()
  for (const [index, value] of values.entries()) {
    if (value !== undefined) known.set('abcdefgh'[index]!, { value, timestamp: now, windowMs: 60_000 })
  }
  return known
}

function input(currentReplicas: number, sketches: PodSketch[], tolerance = 0.1): CalculatorInput {
  return {
    currentReplicas,
    pods: sketches.map((sketch, index) => pod('abcdefgh'[index]!, sketch)),
    tolerances: { scaleUp: tolerance, scaleDown: tolerance },
    tuning: defaultTuning,
    now,
  }
}

const plain = (count: number): PodSketch[] => Array.from({ length: count }, () => ({}))
const young = { startedAgo: 60, changedAgo: 10 }

describe('replicas by utilization', () => {
  it.each<[string, CalculatorInput, PodMetricsByName, number, number, number]>([
    ['scale up', input(3, plain(3)), used(300, 500, 700), 30, 5, 50],
    ['scale down', input(5, plain(5)), used(100, 300, 500, 250, 250), 50, 3, 28],
    ['stay within the tolerance', input(3, plain(3)), used(1010, 1030, 1020), 100, 3, 102],
    ['go by requests', input(2, [{ request: 100 }, { request: 300 }]), used(100, 300), 50, 4, 100],
    [
      'not count pods that are being deleted',
      input(3, [{}, {}, { deleted: true }]),
      used(700, 700, 9000),
      50,
      3,
      70,
    ],
    ['not count failed pods', input(2, [{}, { phase: 'Failed' }]), used(800, 0), 50, 2, 80],
    [
      'count pods not ready as idle on the way up',
      input(3, [{}, {}, { phase: 'Pending' }]),
      used(1000, 1000),
      50,
      4,
      100,
    ],
    [
      'not turn round because of them',
      input(3, [{}, { phase: 'Pending' }, { phase: 'Pending' }]),
      used(700),
      50,
      3,
      70,
    ],
    [
      'not go up by pods beyond the replicas when there is too little to do',
      input(2, plain(5)),
      used(500, 500, 500, 500, undefined),
      100,
      2,
      50,
    ],
    ['ignore them on the way down', input(3, [{}, {}, { phase: 'Pending' }]), used(200, 200), 50, 1, 20],
    [
      'count pods not measured as idle on the way up',
      input(3, plain(3)),
      used(1000, 1000, undefined),
      50,
      4,
      100,
    ],
    [
      'count them as at their request on the way down',
      input(4, plain(4)),
      used(100, 100, 100, undefined),
      50,
      3,
      10,
    ],
    ['not count the start of a pod', input(3, [{}, {}, young]), used(700, 700, 4000), 70, 3, 70],
    [
      'count a young pod once it was measured since it is ready',
      input(2, [{}, { startedAgo: 200, changedAgo: 100 }]),
      used(900, 900),
      50,
      4,
      90,
    ],
    [
      'count an old pod that is not ready but was',
      input(2, [{}, { ready: false, startedAgo: 3600, changedAgo: 100 }]),
      used(900, 900),
      50,
      4,
      90,
    ],
    [
      'not count an old pod that never was',
      input(2, [{}, { ready: false, startedAgo: 3600, changedAgo: 3590 }]),
      used(300, 900),
      50,
      1,
      30,
    ],
  ])('%s', (_name, given, metrics, ...[percent, replicas, utilization]) => {
    expect(utilizationReplicas(given, metrics, { percent, resource: 'cpu' })).toMatchObject({
      replicas,
      percent: utilization,
    })
  })

  it('tolerances may differ by direction', () => {
    const given = { ...input(10, plain(1)), tolerances: { scaleUp: 0, scaleDown: 0.5 } }
    expect(utilizationReplicas(given, used(510), { percent: 50, resource: 'cpu' }).replicas).toBe(2)
    expect(utilizationReplicas(given, used(300), { percent: 50, resource: 'cpu' }).replicas).toBe(10)
  })

  it.each<[string, CalculatorInput, PodMetricsByName, string]>([
    ['no pods', input(1, []), used(), 'no pods returned by selector while calculating replica count'],
    [
      'a container without a request',
      input(1, [{ request: -1 }]),
      used(10),
      'missing request for cpu in container app of Pod a',
    ],
    [
      'only pods that are not ready',
      input(1, [{ phase: 'Pending' }]),
      used(10),
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
    ['requests of nothing', input(1, [{ request: 0 }]), used(10), 'no metrics returned matched known pods'],
  ])('cannot be told with %s', (_name, given, metrics, message) => {
    expect(() => utilizationReplicas(given, metrics, { percent: 50, resource: 'cpu' })).toThrow(message)
  })
})

describe('replicas by amounts', () => {
  it.each<[string, CalculatorInput, PodMetricsByName, number, number]>([
    ['scale up', input(3, plain(3)), used(20_000, 10_000, 30_000), 15_000, 4],
    ['scale down', input(5, plain(5)), used(12_000, 12_000, 12_000, 12_000, 12_000), 20_000, 3],
    ['stay', input(3, plain(3)), used(20_000, 21_000, 21_000), 20_000, 3],
    [
      'count pods not measured as at the target on the way down',
      input(4, plain(4)),
      used(1, 1, undefined, 1),
      20_000,
      1,
    ],
  ])('%s', (_name, given, metrics, ...[value, replicas]) => {
    expect(averageReplicas(given, metrics, { value }).replicas).toBe(replicas)
  })

  it('of one value go by ready pods', () => {
    const given = input(4, [{}, {}, {}, { ready: false }])
    expect(valueReplicas(given, 30_000, 15_000)).toEqual({ replicas: 6, average: 30_000 })
    expect(valueReplicas(given, 15_500, 15_000).replicas).toBe(4)
    expect(valueReplicas(input(0, []), 25_000, 10_000).replicas).toBe(3)
  })

  it('of one value to be shared out go by the value', () => {
    const { tolerances } = input(1, [])
    expect(perPodReplicas({ tolerances }, 8_600, { target: 2_150, statusReplicas: 5 })).toEqual({
      replicas: 4,
      average: 1_720,
    })
    expect(perPodReplicas({ tolerances }, 8_600, { target: 2_150, statusReplicas: 4 }).replicas).toBe(4)
  })
})
