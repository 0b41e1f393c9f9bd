import { beforeEach } from 'vitest'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
} from '../../../api/generated/autoscaling-v2.ts'
import { resources } from '../../../api/resources.ts'
import { pageNotFound } from '../../../api/status.ts'
import type { ApiCall, Transport } from '../../../client/transport.ts'
import { waitFor } from '../../../cluster/testing/wait-for.ts'
import { createReplicaSetController } from '../../replicaset/replicaset.ts'
import { namespace, usePlane } from '../../testing/use-plane.ts'
import { createHorizontalPodAutoscalerController } from '../horizontalpodautoscaler.ts'

/** Half of the CPU that the pods ask for. */
export const cpu: MetricSpec = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
}

/** A plane with a workload to scale, whose usage and metrics each test sets. */
export function useAutoscaler() {
  /** Millicores that each pod uses; undefined while there are no metrics. */
  let usage: number | undefined
  /** Answers of the custom and external metrics APIs, by path-like key. */
  let answers: Record<string, object>
  let calls: string[]
  beforeEach(() => {
    usage = undefined
    answers = {}
    calls = []
  })
  const under = usePlane((plane) => [
    createReplicaSetController(plane.dependencies),
    createHorizontalPodAutoscalerController({
      ...plane.dependencies,
      resources: () => plane.resources(),
      metricsTransport: { ...plane.transport, call: metricsCall } as Transport,
      // Test pods are young; their start is not what is measured here.
      autoscaling: { cpuInitializationPeriodMs: 0, initialReadinessDelayMs: 0 },
    }),
  ])

  async function metricsCall({ resource, name, subresource, query }: ApiCall): Promise<never> {
    const key = [resource.group, resource.resource, name, subresource].filter(Boolean).join('/')
    calls.push(`${key}?${new URLSearchParams(query).toString()}`)
    if (answers[key]) return answers[key] as never
    if (resource.group !== 'metrics.k8s.io') throw pageNotFound()
    const { items } = await under.plane.client.list(resources.pods, { namespace, ...query })
    const measured = usage === undefined ? [] : items
    return {
      metadata: {},
      items: measured.map(({ metadata }) => ({
        metadata,
        timestamp: new Date(under.clock.now()).toISOString(),
        window: '15s',
        containers: [{ name: 'web', usage: { cpu: `${usage}m`, memory: '100Mi' } }],
      })),
    } as never
  }

  async function workload(name: string, replicas: number): Promise<void> {
    await under.plane.client.create(resources.replicaSets, {
      metadata: { name, namespace },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { name: '', labels: { app: name } },
          spec: {
            containers: [
              { name: 'web', image: 'nginx', resources: { requests: { cpu: '100m', memory: '100Mi' } } },
            ],
          },
        },
      },
    })
    await running(replicas)
  }
  const running = (count: number): Promise<unknown> =>
    waitFor(async () => {
      const { items } = await under.plane.client.list(resources.pods, { namespace })
      return items.filter(({ status }) => status?.phase === 'Running').length >= count
    })
  const autoscaler = (
    more: Partial<HorizontalPodAutoscalerSpec> = {},
    name = 'web',
  ): Promise<HorizontalPodAutoscaler> =>
    under.plane.client.create(resources.horizontalPodAutoscalers, {
      metadata: { name, namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' },
        minReplicas: 2,
        maxReplicas: 10,
        metrics: [cpu],
        ...more,
      },
    })
  const get = (name = 'web'): Promise<HorizontalPodAutoscaler> =>
    under.plane.client.get(resources.horizontalPodAutoscalers, { namespace, name })
  const condition = async (type: string) => (await get()).status?.conditions?.find((one) => one.type === type)
  const scale = async (): Promise<number | undefined> =>
    (await under.plane.client.get(resources.replicaSets, { namespace, name: 'web' })).spec.replicas
  const events = async (): Promise<string[]> => {
    await under.plane.flushEvents()
    const { items } = await under.plane.client.list(resources.events, { namespace })
    return items
      .filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler')
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
  }
  /** Lets sync periods go by until it holds. */
  const eventually = (check: () => Promise<boolean>): Promise<unknown> =>
    waitFor(async () => {
      if (await check()) return true
      await under.clock.advance(5_000)
      return false
    })

  return {
    get clock() {
      return under.clock
    },
    get plane() {
      return under.plane
    },
    get usage() {
      return usage
    },
    set usage(value) {
      usage = value
    },
    get answers() {
      return answers
    },
    get calls() {
      return calls
    },
    workload,
    running,
    autoscaler,
    get,
    condition,
    scale,
    events,
    eventually,
  }
}
