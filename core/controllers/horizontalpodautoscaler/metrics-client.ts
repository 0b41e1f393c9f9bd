import type { Resource } from '../../api/gvk.ts'
import { groupResource } from '../../api/gvk.ts'
import type { KubeList, KubeObject } from '../../api/meta.ts'
import { quantityMilli } from '../../api/quantity.ts'
import { metricsResources, type PodMetrics } from '../../api/resource-metrics.ts'
import { isNotFound } from '../../api/status.ts'
import type { ApiCall, Transport } from '../../client/transport.ts'

/** One pod's value, in thousandths. */
export interface PodMetric {
  /** Milliseconds since the epoch. */
  timestamp: number
  windowMs: number
  value: number
}

/** By pod name. */
export type PodMetricsByName = Map<string, PodMetric>

/** The metrics APIs as the autoscaler reads them. Failures are Errors in upstream's words. */
export interface MetricsClient {
  /** `container` narrows to one container of each pod. */
  resource(
    namespace: string,
    selector: string,
    metric: { resource: string; container?: string },
  ): Promise<PodMetricsByName>
  pods(namespace: string, selector: string, metric: MetricName): Promise<PodMetricsByName>
  /** The value in thousandths. `object` is what the metric is about. */
  object(namespace: string, object: DescribedObject, metric: MetricName): Promise<number>
  /** The values in thousandths. */
  external(namespace: string, metric: MetricName): Promise<number[]>
}

/** A metric by name and, in text form, selector. */
export interface MetricName {
  name: string
  selector: string
}

export interface DescribedObject {
  resource: Resource
  name: string
}

interface MetricValue {
  describedObject: { name: string }
  timestamp?: string
  windowSeconds?: number
  value: string
}

type CustomList = KubeObject & { items?: MetricValue[] }
type ExternalList = KubeObject & { items?: Array<{ value: string }> }

const customGroup = { group: 'custom.metrics.k8s.io', version: 'v1beta2' }
const externalGroup = { group: 'external.metrics.k8s.io', version: 'v1beta1' }
/** The window of a metric that names none (upstream: metricServerDefaultMetricWindow). */
const defaultWindowMs = 60_000

/** Reads the metrics APIs over a transport (upstream: pkg/controller/podautoscaler/metrics/client.go). */
export function createMetricsClient(transport: Transport): MetricsClient {
  async function custom(call: Omit<ApiCall, 'verb'>): Promise<MetricValue[]> {
    const answer = await fetched('custom metrics API', transport.call({ verb: 'get', ...call }), {
      missing: `no custom metrics API (${customGroup.group}) registered`,
    })
    return (answer as CustomList).items ?? []
  }

  return {
    async resource(namespace, labelSelector, { resource, container }) {
      const call = {
        verb: 'list',
        resource: metricsResources.pods,
        namespace,
        query: { labelSelector },
      } as const
      const answer = await fetched('resource metrics API', transport.call(call))
      const { items } = answer as KubeList<PodMetrics>
      if (items.length === 0) throw new Error('no metrics returned from resource metrics API')
      const found = items.flatMap((item) => {
        const metric =
          container === undefined ? podSum(item, resource) : ofContainer(item, resource, container)
        return metric ? [[item.metadata.name, metric] as const] : []
      })
      if (found.length === 0) throw new Error('no metrics returned from resource metrics API')
      return new Map(found)
    },
    async pods(namespace, labelSelector, metric) {
      const items = await custom({
        resource: { ...customGroup, resource: 'pods' },
        namespace,
        name: '*',
        subresource: metric.name,
        query: { labelSelector, ...selectorQuery(metric.selector) },
      })
      if (items.length === 0) throw new Error('no metrics returned from custom metrics API')
      return new Map(items.map((item) => [item.describedObject.name, valueOf(item)]))
    },
    async object(namespace, { resource, name }, metric) {
      const query = selectorQuery(metric.selector)
      const items =
        resource.group === '' && resource.kind === 'Namespace'
          ? await custom({
              resource: { ...customGroup, resource: 'metrics' },
              namespace: name,
              name: metric.name,
              query,
            })
          : await custom({
              resource: { ...customGroup, resource: groupResource(resource) },
              ...(resource.namespaced ? { namespace } : {}),
              name,
              subresource: metric.name,
              query,
            })
      const [first] = items
      if (!first) throw new Error('no metrics returned from custom metrics API')
      return quantityMilli(first.value)
    },
    async external(namespace, metric) {
      const answer = await fetched(
        'external metrics API',
        transport.call({
          verb: 'list',
          resource: { ...externalGroup, resource: metric.name },
          namespace,
          query: metric.selector === '' ? {} : { labelSelector: metric.selector },
        }),
      )
      const items = (answer as ExternalList).items ?? []
      if (items.length === 0) throw new Error('no metrics returned from external metrics API')
      return items.map(({ value }) => quantityMilli(value))
    },
  }
}

async function fetched<T>(api: string, answer: Promise<T>, texts: { missing?: string } = {}): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const message = isNotFound(error) && texts.missing ? texts.missing : (error as Error).message
    throw new Error(`unable to fetch metrics from ${api}: ${message}`, { cause: error })
  }
}

function selectorQuery(selector: string): Record<string, string> {
  return selector === '' ? {} : { metricLabelSelector: selector }
}

function valueOf({ timestamp, windowSeconds, value }: MetricValue): PodMetric {
  return {
    timestamp: Date.parse(timestamp ?? ''),
    windowMs: windowSeconds === undefined ? defaultWindowMs : windowSeconds * 1000,
    value: quantityMilli(value),
  }
}

/** The sum over a pod's containers; nothing when one of them has no such resource. */
function podSum(item: PodMetrics, resource: string): PodMetric | undefined {
  let value = 0
  for (const { usage } of item.containers) {
    const amount = usage[resource]
    if (amount === undefined) return undefined
    value += quantityMilli(amount)
  }
  return { ...times(item), value }
}

function ofContainer(item: PodMetrics, resource: string, container: string): PodMetric | undefined {
  const amount = item.containers.find(({ name }) => name === container)?.usage[resource]
  if (amount !== undefined) return { ...times(item), value: quantityMilli(amount) }
  const { name, namespace = '' } = item.metadata
  throw new Error(
    `failed to get container metrics: container ${container} not present in metrics for pod ${namespace}/${name}`,
  )
}

function times(item: PodMetrics): { timestamp: number; windowMs: number } {
  return { timestamp: Date.parse(item.timestamp), windowMs: parseDuration(item.window) }
}

const units: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}

/** Milliseconds of a Go duration such as `1m0.5s`. */
function parseDuration(text: string): number {
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|us|µs|ns|h|m|s)/g))
    sum += Number(amount) * units[unit!]!
  return sum
}
