import { describe, expect, it } from 'vitest'
import { resources } from '../../api/resources.ts'
import { namespace } from '../testing/use-plane.ts'
import { cpu, useAutoscaler } from './testing/use-autoscaler.ts'

describe('horizontal pod autoscaler', () => {
  const under = useAutoscaler()
  const { workload, running, autoscaler, get, condition, scale, events, eventually } = under

  it('scales up by usage, at most double at a time, and down after the window', async () => {
    await workload('web', 2)
    under.usage = 100
    await autoscaler()
    await eventually(async () => (await scale()) === 4 && (await get()).status?.desiredReplicas === 4)
    expect((await get()).status).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      currentMetrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } },
        },
      ],
    })
    expect(await condition('AbleToScale')).toMatchObject({
      status: 'True',
      reason: 'SucceededRescale',
      message: 'the HPA controller was able to update the target scale to 4',
    })
    expect(await condition('ScalingActive')).toMatchObject({
      status: 'True',
      reason: 'ValidMetricFound',
      message:
        'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
    })
    expect(await events()).toContain(
      'Normal SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
    )
    await running(4)
    under.usage = 5
    const began = under.clock.now()
    await eventually(async () => (await condition('AbleToScale'))?.reason === 'ScaleDownStabilized')
    expect(await scale()).toBe(4)
    await eventually(async () => (await scale()) === 2)
    expect(under.clock.now() - began).toBeGreaterThan(280_000)
    expect(await events()).toContain(
      'Normal SuccessfulRescale: New size: 2; reason: All metrics below target',
    )
    await eventually(async () => (await condition('ScalingLimited'))?.reason === 'TooFewReplicas')
  })

  it('takes the metric that asks for most', async () => {
    await workload('web', 2)
    under.usage = 50
    await autoscaler({
      metrics: [
        cpu,
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    })
    await eventually(async () => (await scale()) === 3 && (await get()).status?.desiredReplicas === 3)
    expect(
      (await get()).status?.currentMetrics?.map(({ resource }) => resource?.current.averageUtilization),
    ).toEqual([50, 100])
  })

  it('says that there are no metrics, and keeps the replicas', async () => {
    await workload('web', 3)
    await autoscaler()
    await eventually(async () => (await condition('ScalingActive'))?.status === 'False')
    expect(await condition('ScalingActive')).toMatchObject({
      reason: 'FailedGetResourceMetric',
      message:
        'the HPA was unable to compute the replica count: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    })
    expect(await events()).toEqual(
      expect.arrayContaining([
        'Warning FailedGetResourceMetric: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
        'Warning FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
      ]),
    )
    expect(await scale()).toBe(3)
    expect((await get()).status?.currentReplicas).toBe(3)
  })

  it('brings the replicas into bounds without looking at metrics', async () => {
    await workload('web', 1)
    await autoscaler()
    await eventually(async () => (await scale()) === 2)
    expect(await events()).toContain(
      'Normal SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas',
    )
  })

  it('does nothing for a target that was scaled to zero', async () => {
    await workload('web', 0)
    await autoscaler()
    await eventually(async () => (await condition('ScalingActive'))?.reason === 'ScalingDisabled')
    expect(await scale()).toBe(0)
  })

  it('says when the target is not there or of no known kind', async () => {
    await autoscaler()
    await eventually(async () => (await condition('AbleToScale'))?.status === 'False')
    expect(await condition('AbleToScale')).toMatchObject({
      reason: 'FailedGetScale',
      message: `the HPA controller was unable to get the target's current scale: replicasets.apps "web" not found`,
    })
    await autoscaler({ scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w' } }, 'odd')
    await eventually(async () =>
      (await events()).includes(
        'Warning FailedGetScale: no matches for kind "Widget" in group "example.com"',
      ),
    )
  })

  it('refuses to pull at pods that another one pulls at', async () => {
    await workload('web', 2)
    under.usage = 100
    await autoscaler({ maxReplicas: 2 }, 'other')
    await eventually(async () => (await get('other')).status?.conditions !== undefined)
    await autoscaler()
    await eventually(async () => (await condition('ScalingActive'))?.reason === 'AmbiguousSelector')
    expect((await condition('ScalingActive'))?.message).toBe(
      'pods by selector app=web are controlled by multiple HPAs: [default/other default/web]',
    )
  })

  it('goes by custom metrics of pods and objects, and by external ones', async () => {
    await workload('web', 2)
    const { items } = await under.plane.client.list(resources.pods, { namespace })
    under.answers['custom.metrics.k8s.io/pods/*/rps'] = {
      metadata: {},
      items: items.map(({ metadata: { name } }) => ({ describedObject: { name }, value: '20' })),
    }
    under.answers['custom.metrics.k8s.io/services/front/hits'] = {
      metadata: {},
      items: [{ describedObject: { name: 'front' }, value: '500m' }],
    }
    under.answers['external.metrics.k8s.io/queue'] = {
      metadata: {},
      items: [{ value: '30' }, { value: '10' }],
    }
    await autoscaler({
      metrics: [
        {
          type: 'Pods',
          pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } },
        },
        {
          type: 'Object',
          object: {
            describedObject: { apiVersion: 'v1', kind: 'Service', name: 'front' },
            metric: { name: 'hits' },
            target: { type: 'Value', value: '1' },
          },
        },
        {
          type: 'External',
          external: {
            metric: { name: 'queue', selector: { matchLabels: { q: 'jobs' } } },
            target: { type: 'AverageValue', averageValue: '10' },
          },
        },
      ],
    })
    await eventually(async () => (await scale()) === 4 && (await get()).status?.desiredReplicas === 4)
    expect((await get()).status?.currentMetrics).toEqual([
      { type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '20' } } },
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'v1', kind: 'Service', name: 'front' },
          metric: { name: 'hits' },
          current: { value: '500m' },
        },
      },
      {
        type: 'External',
        external: {
          metric: { name: 'queue', selector: { matchLabels: { q: 'jobs' } } },
          current: { averageValue: '20' },
        },
      },
    ])
    expect(under.calls).toContain('external.metrics.k8s.io/queue?labelSelector=q%3Djobs')
    expect(under.calls).toContain('custom.metrics.k8s.io/pods/*/rps?labelSelector=app%3Dweb')
  })

  it('says that no custom metrics API is registered', async () => {
    await workload('web', 2)
    await autoscaler({
      metrics: [
        {
          type: 'Pods',
          pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } },
        },
      ],
    })
    await eventually(async () => (await condition('ScalingActive'))?.reason === 'FailedGetPodsMetric')
    expect((await condition('ScalingActive'))?.message).toBe(
      'the HPA was unable to compute the replica count: unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    )
  })

  it('keeps to the policies of a behaviour', async () => {
    await workload('web', 2)
    under.usage = 1000
    await autoscaler({
      maxReplicas: 50,
      behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }], tolerance: '0' } },
    })
    await eventually(async () => (await scale()) === 3 && (await get()).status?.desiredReplicas === 3)
    expect(await condition('ScalingLimited')).toMatchObject({
      status: 'True',
      reason: 'ScaleUpLimit',
      message: 'the desired replica count is increasing faster than the maximum scale rate',
    })
    await running(3)
    const began = under.clock.now()
    await eventually(async () => (await scale()) === 4 && (await get()).status?.desiredReplicas === 4)
    expect(under.clock.now() - began).toBeGreaterThanOrEqual(45_000)
  })
})
