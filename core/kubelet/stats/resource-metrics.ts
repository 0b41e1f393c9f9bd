import { metricText, type MetricValue } from '../../util/metrics/metric-text.ts'
import type { ContainerUsage, NodeUsage, PodUsage } from './node-usage.ts'

/** What `/metrics/resource` prints (upstream: pkg/kubelet/metrics/collectors/resource_metrics.go); metrics-server reads it. */
export function resourceMetrics(usage: NodeUsage): string {
  const { at, machine } = usage
  const perContainer = (
    read: (container: ContainerUsage) => number | undefined,
    isTimed = true,
  ): MetricValue[] =>
    usage.pods.flatMap(({ pod: { name: pod, namespace }, containers }) =>
      containers.flatMap((container) => {
        const value = read(container)
        if (value === undefined) return []
        const labels = { container: container.name, namespace, pod }
        return [isTimed ? { labels, value, at } : { labels, value }]
      }),
    )
  const perPod = (read: (container: ContainerUsage) => number): MetricValue[] =>
    usage.pods.map(({ pod: { name: pod, namespace }, containers }: PodUsage) => ({
      labels: { namespace, pod },
      value: containers.reduce((sum, container) => sum + read(container), 0),
      at,
    }))
  const seconds = ({ cpuNanoSeconds }: { cpuNanoSeconds: number }): number => cpuNanoSeconds / 1e9
  const workingSet = ({ workingSetBytes }: { workingSetBytes: number }): number => workingSetBytes
  return metricText([
    {
      name: 'container_cpu_usage_seconds_total',
      help: '[STABLE] Core-seconds that the container has used',
      type: 'counter',
      values: perContainer(seconds),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: '[STABLE] Bytes of memory that the container needs now',
      type: 'gauge',
      values: perContainer(workingSet),
    },
    {
      name: 'container_start_time_seconds',
      help: '[STABLE] When the container started, in seconds of Unix time',
      type: 'gauge',
      values: perContainer(startSeconds, false),
    },
    {
      name: 'node_cpu_usage_seconds_total',
      help: '[STABLE] Core-seconds that the node has used',
      type: 'counter',
      values: machine ? [{ value: seconds(machine), at }] : [],
    },
    {
      name: 'node_memory_working_set_bytes',
      help: '[STABLE] Bytes of memory that the node needs now',
      type: 'gauge',
      values: machine ? [{ value: workingSet(machine), at }] : [],
    },
    {
      name: 'pod_cpu_usage_seconds_total',
      help: '[STABLE] Core-seconds that the pod has used',
      type: 'counter',
      values: perPod(seconds),
    },
    {
      name: 'pod_memory_working_set_bytes',
      help: '[STABLE] Bytes of memory that the pod needs now',
      type: 'gauge',
      values: perPod(workingSet),
    },
    {
      name: 'resource_scrape_error',
      help: '[STABLE] Whether reading the usage of containers failed: 1 or 0',
      type: 'gauge',
      values: [{ value: 0 }],
    },
  ])
}

/** When a container started, in seconds since the epoch. */
export function startSeconds({ startedAt }: ContainerUsage): number | undefined {
  const at = Date.parse(startedAt ?? '')
  return Number.isNaN(at) ? undefined : at / 1000
}
