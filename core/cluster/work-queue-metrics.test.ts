import { describe, expect, it } from 'vitest'
import { createRateLimiter } from '../controllers/kit/rate-limiter.ts'
import { createWorkQueue } from '../controllers/kit/workqueue.ts'
import { createMetricRegistry } from '../util/metrics/metric-registry.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { createWorkQueueMetrics } from './work-queue-metrics.ts'

describe('metrics of work queues', () => {
  it('tell how many keys wait, came and were retried, and how long they took', async () => {
    const registry = createMetricRegistry()
    const clock = new FakeClock()
    const observer = createWorkQueueMetrics(registry, clock)('deployment')
    const queue = createWorkQueue({ clock, rateLimiter: createRateLimiter({ clock }), observer })
    for (const key of ['a', 'b', 'a']) queue.add(key)
    await clock.advance(2_000)
    const key = (await queue.get())!
    await clock.advance(500)
    const midway = await registry.print()
    expect(midway).toContain('workqueue_unfinished_work_seconds{name="deployment"} 0.5\n')
    expect(midway).toContain('workqueue_longest_running_processor_seconds{name="deployment"} 0.5\n')
    queue.addRateLimited(key)
    queue.done(key)
    const text = await registry.print()
    for (const line of [
      'workqueue_depth{name="deployment"} 1',
      'workqueue_adds_total{name="deployment"} 2',
      'workqueue_retries_total{name="deployment"} 1',
      'workqueue_queue_duration_seconds_sum{name="deployment"} 2',
      'workqueue_work_duration_seconds_bucket{name="deployment",le="1"} 1',
      'workqueue_work_duration_seconds_sum{name="deployment"} 0.5',
    ]) {
      expect(text.split('\n')).toContain(line)
    }
    queue.shutDown()
    expect(await registry.print()).toContain('workqueue_depth{name="deployment"} 0')
  })
})
