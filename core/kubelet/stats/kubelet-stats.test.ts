import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { Kubelet } from '../kubelet.ts'
import {
  createSimulatedWorld,
  testContainer,
  testPod,
  type SimulatedWorld,
} from '../testing/simulated-world.ts'
import type { Pressure, Pressures } from '../runtime/usage.ts'
import type { PodStats, Summary } from './summary-api.ts'

const script = 'simulated.wheelhouse.dev/'

describe('stats of a node', () => {
  let world: SimulatedWorld
  let kubelet: Kubelet
  let measurements = 0

  beforeEach(async () => {
    measurements = 0
    world = createSimulatedWorld()
    const { usage } = world.runtime
    world.runtime.usage = (targets) => {
      // The machine alone is looked at for eviction, whoever asks.
      if (targets.containers.length > 0) measurements++
      return usage(targets)
    }
    kubelet = await world.boot()
  })
  afterEach(() => world[Symbol.asyncDispose]())

  async function run(annotations: Record<string, string>, spec: Partial<Pod['spec']> = {}): Promise<string> {
    const pod = world.api.createPod(testPod(spec, { annotations }))
    const uid = pod.metadata.uid!
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Running')
    return uid
  }

  /** The answer, with the clock moved on as far as it needs. */
  async function answer<T>(question: Promise<T>): Promise<T> {
    let done = false
    void question.finally(() => (done = true)).catch(() => undefined)
    await world.eventually(() => done)
    return question
  }

  it('are measured only while somebody asks', async () => {
    await run({ [`${script}cpu`]: '250m', [`${script}memory`]: '64Mi' })
    await world.clock.advance(120_000)
    expect(measurements).toBe(0)
    await answer(kubelet.stats.usage())
    expect(measurements).toBe(2)
    await world.clock.advance(30_000)
    const during = measurements
    expect(during).toBeGreaterThanOrEqual(4)
    await world.clock.advance(60_000)
    const after = measurements
    await world.clock.advance(600_000)
    expect(measurements).toBe(after)
  })

  it('tell the rate over the last window and the memory', async () => {
    await run({ [`${script}cpu`]: '250m', [`${script}memory`]: '64Mi' })
    const usage = await answer(kubelet.stats.usage())
    expect(usage.pods).toHaveLength(1)
    expect(usage.pods[0]?.containers[0]).toMatchObject({
      name: 'app',
      cpuNanoCores: 250_000_000,
      windowMs: 1000,
      workingSetBytes: 64 * 2 ** 20,
    })
    expect(usage.machine?.cpuNanoCores).toBe(250_000_000)
  })

  it('follow a script in time, container by container', async () => {
    await run(
      { [`${script}cpu`]: '100m,2@60s', [`${script}cpu.side`]: '50m' },
      { containers: [testContainer('app'), testContainer('side')] },
    )
    const rates = async (): Promise<Array<number | undefined>> =>
      (await answer(kubelet.stats.usage())).pods[0]!.containers.map(({ cpuNanoCores }) => cpuNanoCores)
    expect(await rates()).toEqual([100e6, 50e6])
    await world.clock.advance(50_000)
    await rates()
    await world.clock.advance(30_000)
    expect(await rates()).toEqual([2e9, 50e6])
  })

  it('leave a container without a rate until it was seen twice', async () => {
    await run({ [`${script}cpu`]: '100m' })
    await answer(kubelet.stats.usage())
    const second = world.api.createPod(testPod({}, { name: 'late', annotations: { [`${script}cpu`]: '1' } }))
    await world.eventually(() => world.api.pod(second.metadata.uid!)?.status?.phase === 'Running')
    const late = async (): Promise<number | undefined> =>
      (await kubelet.stats.usage()).pods.find(({ pod }) => pod.name === 'late')?.containers[0]?.cpuNanoCores
    expect(await late()).toBeUndefined()
    await world.clock.advance(20_000)
    expect(await late()).toBe(1e9)
  })

  it('make up the Summary API', async () => {
    const limits = { memory: '100Mi' }
    const uid = await run(
      { [`${script}cpu`]: '10m', [`${script}memory`]: '64Mi' },
      { containers: [testContainer('app', { resources: { limits } })] },
    )
    const summary: Summary = await answer(kubelet.stats.summary())
    expect(summary.node).toMatchObject({ nodeName: 'node-1', cpu: { usageNanoCores: 10e6 } })
    const [pod] = summary.pods
    expect(pod?.podRef).toEqual({ name: 'web', namespace: 'default', uid })
    expect(pod?.memory?.workingSetBytes).toBe(64 * 2 ** 20)
    expect(pod?.containers[0]).toMatchObject({
      name: 'app',
      memory: { workingSetBytes: 64 * 2 ** 20, availableBytes: 36 * 2 ** 20 },
      cpu: { usageNanoCores: 10e6 },
    })
    expect(pod?.containers[0]?.cpu.time).toMatch(/^\d{4}-.*Z$/)
  })

  it('tell of stalls where the machine counts them: of a pod by its only container or its group', async () => {
    const stalled = (total: number): Pressure => ({
      some: { total, avg10: 1, avg60: 2, avg300: 3 },
      full: { total: 500_000, avg10: 0, avg60: 0, avg300: 0 },
    })
    const measured = world.runtime.usage
    const whole: { podPressure?: Pressures } = {}
    world.runtime.usage = async (targets) => {
      const usage = await measured(targets)
      for (const [id, sample] of usage.containers) {
        const pressure = { cpu: stalled(2_500_000), memory: stalled(1), io: stalled(7) }
        usage.containers.set(id, { ...sample, pressure, ...whole })
      }
      return usage
    }
    await run({})
    const [pod] = (await answer(kubelet.stats.summary())).pods
    for (const place of [pod, pod?.containers[0]]) {
      expect(place).toMatchObject({
        cpu: { psi: stalled(2_500_000) },
        memory: { psi: stalled(1) },
        io: { psi: stalled(7) },
      })
    }
    const cadvisor = await answer(kubelet.stats.cadvisorMetrics())
    expect(cadvisor).toMatch(/^container_pressure_cpu_waiting_seconds_total\{.*\} 2\.5 \d+$/m)
    expect(cadvisor).toMatch(/^container_pressure_io_stalled_seconds_total\{.*\} 0\.5 \d+$/m)

    const spec = { containers: [testContainer('app'), testContainer('side')] }
    const two = world.api.createPod(testPod(spec, { name: 'two' }))
    await world.eventually(() => world.api.pod(two.metadata.uid!)?.status?.phase === 'Running')
    const ofTwo = async (): Promise<PodStats | undefined> => {
      await world.clock.advance(20_000)
      return (await answer(kubelet.stats.summary())).pods.find(({ podRef }) => podRef.name === 'two')
    }
    expect((await ofTwo())?.cpu).not.toHaveProperty('psi')
    whole.podPressure = { cpu: stalled(9) }
    expect((await ofTwo())?.cpu).toMatchObject({ psi: stalled(9) })
  })

  it('print as Prometheus reads them', async () => {
    await run({ [`${script}cpu`]: '500m', [`${script}memory`]: '1Ki' })
    const text = await answer(kubelet.stats.resourceMetrics())
    expect(text).toContain('# TYPE container_cpu_usage_seconds_total counter')
    expect(text).toMatch(
      /^container_memory_working_set_bytes\{container="app",namespace="default",pod="web"\} 1024 \d{13}$/m,
    )
    expect(text).toMatch(/^container_start_time_seconds\{.*\} 1\.\d+e\+09$/m)
    expect(text).toContain('resource_scrape_error 0')
    const cadvisor = await answer(kubelet.stats.cadvisorMetrics())
    expect(cadvisor).toMatch(/^container_memory_usage_bytes\{container="app",id="\/.+",image="nginx:1",/m)
    expect(cadvisor).toContain('machine_cpu_cores 8')
  })
})
