import type { Clock } from '../../util/clock.ts'
import { durationBuckets, exponentialBuckets } from '../../util/metrics/buckets.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { PulledImage } from '../runtime/image-pull.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** What each call is called in upstream's metrics (upstream: pkg/kubelet/kuberuntime/instrumented_services.go). */
const operations = {
  version: 'version',
  ping: 'status',
  runSandbox: 'run_podsandbox',
  stopSandbox: 'stop_podsandbox',
  removeSandbox: 'remove_podsandbox',
  listSandboxes: 'list_podsandbox',
  createContainer: 'create_container',
  startContainer: 'start_container',
  stopContainer: 'stop_container',
  removeContainer: 'remove_container',
  updateContainer: 'update_container',
  listContainers: 'list_containers',
  containerStatus: 'container_status',
  usage: 'list_container_stats',
  imageStatus: 'image_status',
  pullImage: 'pull_image',
  listImages: 'list_images',
  removeImage: 'remove_image',
  exec: 'exec',
  attach: 'attach',
  dial: 'port_forward',
} as const satisfies Partial<Record<keyof Runtime, string>>
type Operation = keyof typeof operations

const mebibyte = 1024 ** 2
const sizes: [above: number, label: string][] = [
  [100 * 1024, 'GT100GB'],
  [60 * 1024, '60GB-100GB'],
  [40 * 1024, '40GB-60GB'],
  [30 * 1024, '30GB-40GB'],
  [20 * 1024, '20GB-30GB'],
  [10 * 1024, '10GB-20GB'],
  [5 * 1024, '5GB-10GB'],
  [1024, '1GB-5GB'],
  [500, '500MB-1GB'],
  [100, '100MB-500MB'],
  [10, '10MB-100MB'],
  [0, '0-10MB'],
]
const pullBuckets = [1, 5, 10, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600]

/** The same runtime, whose calls are counted and timed by upstream's names. */
export function measureRuntime(runtime: Runtime, registry: MetricRegistry, clock: Clock): Runtime {
  const calls = registry.counter(
    'kubelet_runtime_operations_total',
    '[ALPHA] Calls of the container runtime, by operation.',
  )
  const errors = registry.counter(
    'kubelet_runtime_operations_errors_total',
    '[ALPHA] Calls of the container runtime that failed, by operation.',
  )
  const durations = registry.histogram(
    'kubelet_runtime_operations_duration_seconds',
    '[ALPHA] Seconds that calls of the container runtime took, by operation.',
    exponentialBuckets(0.005, 2.5, 14),
  )
  const sandboxes = registry.histogram(
    'kubelet_run_podsandbox_duration_seconds',
    '[ALPHA] Seconds that making a sandbox took, by runtime handler.',
    durationBuckets,
  )
  const sandboxErrors = registry.counter(
    'kubelet_run_podsandbox_errors_total',
    '[ALPHA] Sandboxes that could not be made, by runtime handler.',
  )
  const pods = registry.counter('kubelet_started_pods_total', '[ALPHA] Pods that were started.').bind({})
  const podErrors = registry
    .counter('kubelet_started_pods_errors_total', '[ALPHA] Pods that could not be started.')
    .bind({})
  const pulls = registry.histogram(
    'kubelet_image_pull_duration_seconds',
    '[ALPHA] Seconds that pulling an image took, by its size.',
    pullBuckets,
  )

  async function measure<T>(operation: Operation, call: () => Promise<T>): Promise<T> {
    const labels = { operation_type: operations[operation] }
    const beganAt = clock.now()
    calls.add(labels)
    try {
      return await call()
    } catch (error) {
      errors.add(labels)
      throw error
    } finally {
      durations.observe(labels, (clock.now() - beganAt) / 1000)
    }
  }

  const measured: Runtime = {
    ...runtime,
    async runSandbox(spec) {
      const runtime_handler = spec.runtimeHandler ?? ''
      const beganAt = clock.now()
      pods.value++
      try {
        return await measure('runSandbox', () => runtime.runSandbox(spec))
      } catch (error) {
        podErrors.value++
        sandboxErrors.add({ runtime_handler })
        throw error
      } finally {
        sandboxes.observe({ runtime_handler }, (clock.now() - beganAt) / 1000)
      }
    },
    async pullImage(...given) {
      const beganAt = clock.now()
      const image = await measure('pullImage', () => runtime.pullImage(...given))
      pulls.observe({ image_size_in_bytes: sizeLabel(image) }, (clock.now() - beganAt) / 1000)
      return image
    },
  }
  const rest = (Object.keys(operations) as Operation[]).filter(
    (operation) => operation !== 'runSandbox' && operation !== 'pullImage',
  )
  for (const operation of rest) {
    const call = runtime[operation] as (...given: unknown[]) => Promise<unknown>
    Object.assign(measured, {
      [operation]: (...given: unknown[]) => measure(operation, () => call.apply(runtime, given)),
    })
  }
  return measured
}

function sizeLabel({ image }: PulledImage): string {
  return sizes.find(([above]) => image.sizeBytes > above * mebibyte)?.[1] ?? ''
}
