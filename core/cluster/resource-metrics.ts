import { notFound } from '../api/status.ts'
import { canonicalQuantity, formatBytes } from '../api/quantity.ts'
import type { Node, Pod } from '../api/generated/core-v1.ts'
import { metricsResources, type NodeMetrics, type PodMetrics } from '../api/resource-metrics.ts'
import { apiVersionOf } from '../api/gvk.ts'
import type { Lister } from '../client/indexer.ts'
import type { RatedSample } from '../kubelet/stats/node-usage.ts'
import type { VirtualReader } from '../registry/verbs/read-virtual.ts'
import { formatGoMilliseconds } from '../util/go-duration.ts'
import { rfc3339, type Clock } from '../util/clock.ts'

/** What of a measurement counts here. */
export type MeasuredSample = Pick<RatedSample, 'cpuNanoCores' | 'windowMs' | 'workingSetBytes'>

/** A node and its pods, measured at once (milliseconds since the epoch). */
export interface MeasuredNode {
  at: number
  machine?: MeasuredSample
  pods: MeasuredPod[]
}
interface MeasuredPod {
  pod: { uid: string }
  /** Running containers, measured or not. */
  running: number
  containers: Array<MeasuredSample & { name: string }>
}

export interface ResourceMetricsOptions {
  /** Undefined while the cluster is still being put together. */
  pods: () => Lister<Pod> | undefined
  nodes: () => Lister<Node> | undefined
  /** What a node's kubelet measured; undefined for a node whose kubelet cannot be reached from here. */
  usageOf: (nodeName: string) => Promise<MeasuredNode> | undefined
  clock: Clock
}

type Names = { group: string; resource: string }

/**
 * What serves metrics.k8s.io in place of a metrics-server: pods and nodes with what their kubelets measured. As there, a
 * pod is left out until each of its containers was measured twice, and so is a node that does not answer.
 */
export function createResourceMetrics(options: ResourceMetricsOptions): Record<string, VirtualReader> {
  const { clock, usageOf } = options

  async function measured(nodeName: string): Promise<MeasuredNode | undefined> {
    try {
      return await usageOf(nodeName)
    } catch {
      // The node says itself, in its conditions, why it does not answer.
      return undefined
    }
  }

  function nodeMetrics(
    { metadata: { name, labels } }: Node,
    usage: MeasuredNode | undefined,
  ): NodeMetrics | undefined {
    const machine = usage?.machine
    if (!usage || machine?.cpuNanoCores === undefined) return undefined
    return {
      ...head('nodes', { name, labels }),
      timestamp: rfc3339(usage.at),
      window: formatGoMilliseconds(machine.windowMs ?? 0),
      usage: amounts(machine),
    }
  }

  function podMetrics({ metadata }: Pod, at: number, pod: MeasuredPod): PodMetrics | undefined {
    const { containers } = pod
    const isComplete = containers.length > 0 && containers.length === pod.running
    if (!isComplete || containers.some(({ cpuNanoCores }) => cpuNanoCores === undefined)) return undefined
    const { name, namespace, labels } = metadata
    return {
      ...head('pods', { name, namespace, labels }),
      timestamp: rfc3339(at),
      window: formatGoMilliseconds(Math.max(...containers.map(({ windowMs = 0 }) => windowMs))),
      containers: containers.map((container) => ({ name: container.name, usage: amounts(container) })),
    }
  }

  function head(
    resource: 'pods' | 'nodes',
    metadata: { name: string; namespace?: string | undefined; labels?: Record<string, string> | undefined },
  ): Pick<PodMetrics, 'kind' | 'apiVersion' | 'metadata'> {
    const { name, namespace, labels } = metadata
    return {
      kind: metricsResources[resource].kind,
      apiVersion: apiVersionOf(metricsResources[resource]),
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        creationTimestamp: rfc3339(clock.now()),
        ...(labels ? { labels } : {}),
      },
    }
  }

  async function podsOn(nodeName: string, wanted: Map<string, Pod>): Promise<PodMetrics[]> {
    const usage = await measured(nodeName)
    return (usage?.pods ?? []).flatMap((measuredPod) => {
      const pod = wanted.get(measuredPod.pod.uid)
      const metrics = pod && podMetrics(pod, usage!.at, measuredPod)
      return metrics ? [metrics] : []
    })
  }

  async function metricsOf(pods: Pod[]): Promise<PodMetrics[]> {
    const byNode = new Map<string, Map<string, Pod>>()
    for (const pod of pods) {
      const { nodeName } = pod.spec
      if (!nodeName) continue
      const onNode = byNode.get(nodeName) ?? new Map<string, Pod>()
      byNode.set(nodeName, onNode.set(pod.metadata.uid ?? '', pod))
    }
    const all = await Promise.all([...byNode].map(([nodeName, onNode]) => podsOn(nodeName, onNode)))
    return all.flat().sort(byName)
  }

  const missing = (kind: Names, name: string): Error => notFound(kind, name)
  return {
    'nodes.metrics.k8s.io': {
      async get({ name }) {
        const node = options.nodes()?.get(name)
        if (!node) throw missing({ group: '', resource: 'nodes' }, name)
        const metrics = nodeMetrics(node, await measured(name))
        if (!metrics) throw missing({ group: 'metrics.k8s.io', resource: 'nodemetrics' }, name)
        return metrics
      },
      async list() {
        const nodes = options.nodes()?.list() ?? []
        const all = await Promise.all(
          nodes.map(async (node) => nodeMetrics(node, await measured(node.metadata.name))),
        )
        return all.filter((metrics) => metrics !== undefined).sort(byName)
      },
    },
    'pods.metrics.k8s.io': {
      async get({ namespace = '', name }) {
        const key = `${namespace}/${name}`
        const pod = options.pods()?.get(key)
        if (!pod) throw missing({ group: '', resource: 'pods' }, key)
        const [metrics] = await metricsOf([pod])
        if (!metrics) throw missing({ group: 'metrics.k8s.io', resource: 'podmetrics' }, key)
        return metrics
      },
      list: (namespace) =>
        metricsOf(
          (options.pods()?.list() ?? []).filter(
            ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
          ),
        ),
    },
  }
}

function byName(a: PodMetrics | NodeMetrics, b: PodMetrics | NodeMetrics): number {
  const key = ({ metadata }: PodMetrics | NodeMetrics): string =>
    `${metadata.namespace ?? ''}/${metadata.name}`
  return key(a) < key(b) ? -1 : 1
}

function amounts({ cpuNanoCores = 0, workingSetBytes }: MeasuredSample): Record<string, string> {
  return { cpu: canonicalQuantity(`${cpuNanoCores}n`) ?? '0', memory: formatBytes(workingSetBytes) }
}
