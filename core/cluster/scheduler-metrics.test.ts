import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { createScheduler, type Scheduler } from '../scheduler/scheduler.ts'
import { createMetricRegistry, type MetricRegistry } from '../util/metrics/metric-registry.ts'
import { createSchedulerMetrics } from './scheduler-metrics.ts'
import { createReadyNode } from './testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from './testing/test-control-plane.ts'
import { waitFor } from './testing/wait-for.ts'

const namespace = 'default'

describe('metrics of the scheduler', () => {
  let plane: TestControlPlane
  let scheduler: Scheduler
  let registry: MetricRegistry
  beforeEach(async () => {
    plane = createTestControlPlane()
    registry = createMetricRegistry()
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    scheduler = createScheduler({ ...plane.dependencies, observer: createSchedulerMetrics(registry) })
    await scheduler.start()
  })
  afterEach(async () => {
    await scheduler.stop()
    await plane.close()
  })

  const create = (name: string, cpu: string): Promise<unknown> =>
    plane.client.create(resources.pods, {
      metadata: { name, namespace },
      spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }] },
    })

  it('count what came of each attempt, and who waits', async () => {
    await createReadyNode(plane, 'one', { cpu: '1' })
    await create('fits', '500m')
    await create('too-large', '9')
    const profile = 'profile="default-scheduler"'
    await waitFor(async () => {
      const lines = (await registry.print()).split('\n')
      return [
        `scheduler_schedule_attempts_total{${profile},result="scheduled"} 1`,
        `scheduler_schedule_attempts_total{${profile},result="unschedulable"} 1`,
        `scheduler_scheduling_attempt_duration_seconds_count{${profile},result="scheduled"} 1`,
        'scheduler_pod_scheduling_sli_duration_seconds_count{attempts="1"} 1',
        'scheduler_pod_scheduling_attempts_count 1',
        'scheduler_scheduling_algorithm_duration_seconds_count 2',
        'scheduler_pending_pods{queue="active"} 0',
        'scheduler_pending_pods{queue="unschedulable"} 1',
      ].every((line) => lines.includes(line))
    })
    expect(await registry.print()).toContain('scheduler_preemption_attempts_total 0\n')
  })
})
