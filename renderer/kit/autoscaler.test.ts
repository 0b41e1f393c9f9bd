import { describe, expect, it } from 'vitest'
import type { HorizontalPodAutoscaler } from '../../core/api/generated/autoscaling-v2.ts'
import { diagnoseAutoscaler, metricRows, replicasAhead } from './autoscaler.ts'

function autoscaler(
  conditions: [type: string, status: string, reason?: string][] = [],
  desiredReplicas = 6,
): HorizontalPodAutoscaler {
  return {
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '40Mi' } },
        },
        {
          type: 'Object',
          object: {
            metric: { name: 'hits' },
            describedObject: { kind: 'Ingress', name: 'main' },
            target: { type: 'Value', value: '2k' },
          },
        },
      ],
    },
    status: {
      desiredReplicas,
      conditions: conditions.map(([type, status, reason]) => ({ type, status, ...(reason && { reason }) })),
      currentMetrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', current: { averageUtilization: 105, averageValue: '50m' } },
        },
        { type: 'Resource', resource: { name: 'memory', current: { averageValue: '20Mi' } } },
      ],
    },
  }
}

describe('the metrics of an autoscaler', () => {
  it('compare what their target names, in its unit', () => {
    expect(metricRows(autoscaler())).toEqual([
      { name: 'cpu', type: 'Resource', current: '105%', target: '70%', share: 1.5 },
      { name: 'memory', type: 'Resource', current: '20Mi', target: '40Mi', share: 0.5 },
      { name: 'hits (Ingress/main)', type: 'Object', current: undefined, target: '2k', share: undefined },
    ])
  })
})

describe('what is wrong with an autoscaler', () => {
  it.each([
    [[['AbleToScale', 'False', 'FailedGetScale']], 6, ['finding.cannotScale']],
    [[['ScalingActive', 'False', 'FailedGetResourceMetric']], 6, ['finding.cannotMeasure']],
    [[['ScalingActive', 'False', 'ScalingDisabled']], 0, ['finding.scalingOff']],
    [[['ScalingLimited', 'True', 'TooManyReplicas']], 6, ['finding.atMost']],
    [[['ScalingLimited', 'True', 'TooFewReplicas']], 2, ['finding.atLeast']],
    [
      [
        ['ScalingActive', 'True'],
        ['ScalingLimited', 'False'],
      ],
      3,
      [],
    ],
  ] as const)('%j with %d replicas gives %j', (conditions, desired, texts) => {
    const object = autoscaler(conditions as unknown as [string, string, string?][], desired)
    expect(diagnoseAutoscaler(object).map(({ text }) => text)).toEqual(texts)
  })
})

describe('replicasAhead', () => {
  it.each([
    [{ min: 2, current: 3, desired: 5 }, 5],
    [{ min: 2, current: 3, desired: 3 }, undefined],
    // Nothing has been measured yet: it does not want none.
    [{ min: 2, current: 3, desired: 0 }, undefined],
    [{ min: undefined, current: 3, desired: 0 }, undefined],
    [{ min: 0, current: 3, desired: 0 }, 0],
  ])('of %j is %s', (scale, ahead) => expect(replicasAhead(scale)).toBe(ahead))
})
