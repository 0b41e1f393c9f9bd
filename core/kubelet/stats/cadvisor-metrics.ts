import type { MachineInfo } from '../runtime/runtime.ts'
import type { Pressure } from '../runtime/usage.ts'
import { metricText, type Metric, type MetricValue } from '../../util/metrics/metric-text.ts'
import type { ContainerUsage, NodeUsage } from './node-usage.ts'
import { startSeconds } from './resource-metrics.ts'

/** What `/metrics/cadvisor` prints: the metrics that dashboards over Prometheus go by (upstream: cadvisor/metrics/prometheus.go). */
export function cadvisorMetrics(usage: NodeUsage, machine: MachineInfo | undefined): string {
  const { at } = usage
  const perContainer = (read: (container: ContainerUsage) => number | undefined, more = {}): MetricValue[] =>
    usage.pods.flatMap(({ pod, containers }) =>
      containers.flatMap((container) => {
        const value = read(container)
        if (value === undefined) return []
        const { id, name, image } = container
        const labels = {
          container: name,
          ...more,
          id: `/${id}`,
          image,
          name: id,
          namespace: pod.namespace,
          pod: pod.name,
        }
        return [{ labels, value, at }]
      }),
    )
  const perDevice = (read: (device: { rxBytes: number; txBytes: number }) => number): MetricValue[] =>
    usage.pods.flatMap(({ pod, sandboxId = '', network }) =>
      network.map((device) => ({
        labels: {
          id: `/${sandboxId}`,
          image: '',
          interface: device.name,
          name: sandboxId,
          namespace: pod.namespace,
          pod: pod.name,
        },
        value: read(device),
        at,
      })),
    )
  const stalls = (resource: 'cpu' | 'memory' | 'io', cause: string): Metric[] => {
    const seconds = (kind: keyof Pressure): MetricValue[] =>
      perContainer(({ pressure }) => {
        const total = pressure?.[resource]?.[kind].total
        return total === undefined ? undefined : total / 1e6
      })
    return [
      {
        name: `container_pressure_${resource}_stalled_seconds_total`,
        help: `Time for which all tasks of the container stalled for ${cause}.`,
        type: 'counter',
        values: seconds('full'),
      },
      {
        name: `container_pressure_${resource}_waiting_seconds_total`,
        help: `Time for which at least one task of the container waited for ${cause}.`,
        type: 'counter',
        values: seconds('some'),
      },
    ]
  }
  return metricText([
    {
      name: 'container_cpu_usage_seconds_total',
      help: 'Core-seconds used so far.',
      type: 'counter',
      values: perContainer(({ cpuNanoSeconds }) => cpuNanoSeconds / 1e9, { cpu: 'total' }),
    },
    {
      name: 'container_memory_usage_bytes',
      help: 'Bytes of memory in use, what has long not been touched among them',
      type: 'gauge',
      values: perContainer(({ usageBytes }) => usageBytes),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: 'Bytes of memory that are needed now.',
      type: 'gauge',
      values: perContainer(({ workingSetBytes }) => workingSetBytes),
    },
    {
      name: 'container_memory_rss',
      help: 'Bytes of memory that are no copy of files.',
      type: 'gauge',
      values: perContainer(({ rssBytes }) => rssBytes),
    },
    {
      name: 'container_network_receive_bytes_total',
      help: 'Bytes received so far',
      type: 'counter',
      values: perDevice(({ rxBytes }) => rxBytes),
    },
    {
      name: 'container_network_transmit_bytes_total',
      help: 'Bytes sent so far',
      type: 'counter',
      values: perDevice(({ txBytes }) => txBytes),
    },
    ...stalls('cpu', 'a processor'),
    ...stalls('memory', 'memory'),
    ...stalls('io', 'input and output'),
    {
      name: 'container_start_time_seconds',
      help: 'When the container started, in seconds of Unix time.',
      type: 'gauge',
      values: perContainer(startSeconds),
    },
    {
      name: 'machine_cpu_cores',
      help: 'Processors that programs can use.',
      type: 'gauge',
      values: machine ? [{ value: machine.cpus }] : [],
    },
    {
      name: 'machine_memory_bytes',
      help: 'Bytes of memory that the machine has.',
      type: 'gauge',
      values: machine ? [{ value: machine.memoryBytes }] : [],
    },
  ])
}
