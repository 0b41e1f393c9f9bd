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
      help: '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      type: 'counter',
      values: perContainer(seconds),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: '[STABLE] Current working set of the container in bytes',
      type: 'gauge',
      values: perContainer(workingSet),
    },
    {
      name: 'container_start_time_seconds',
      help: '[STABLE] Start time of the container since unix epoch in seconds',
      type: 'gauge',
      values: perContainer(startSeconds, false),
    },
    {
      name: 'node_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the node in core-seconds',
      type: 'counter',
      values: machine ? [{ value: seconds(machine), at }] : [],
    },
    {
      name: 'node_memory_working_set_bytes',
      help: '[STABLE] Current working set of the node in bytes',
      type: 'gauge',
      values: machine ? [{ value: workingSet(machine), at }] : [],
    },
    {
      name: 'pod_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
      type: 'counter',
      values: perPod(seconds),
    },
    {
      name: 'pod_memory_working_set_bytes',
      help: '[STABLE] Current working set of the pod in bytes',
      type: 'gauge',
      values: perPod(workingSet),
    },
    {
      name: 'resource_scrape_error',
      help: '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
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
