import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
} from '../../api/generated/autoscaling-v2.ts'
import { parseApiVersion, type Resource } from '../../api/gvk.ts'
import { formatMilli, quantityMilli } from '../../api/quantity.ts'
import { formatRequirements, requirementsOf } from '../../api/selectors.ts'
import type { DescribedObject, MetricName, MetricsClient } from './metrics-client.ts'
import {
  averageReplicas,
  perPodReplicas,
  utilizationReplicas,
  valueReplicas,
  type CalculatorInput,
} from './replica-calculator.ts'
import { goSelector } from '../kit/go-selector.ts'

/** What one metric asks for. */
export interface MetricProposal {
  replicas: number
  /** How the metric is called in messages. */
  name: string
  status: MetricStatus
}

/** Why a metric says nothing: `reason` for the condition and the event, the message for both. */
export class MetricError extends Error {
  readonly reason: string
  /** The message as it is told when no metric works. */
  readonly told: string
  constructor(reason: string, cause: unknown, prefix = '') {
    const message = (cause as Error).message
    super(message, { cause })
    this.reason = reason
    this.told = prefix + message
  }
}

export interface ProposalInput extends CalculatorInput {
  namespace: string
  /** The target's selector as text. */
  selector: string
  statusReplicas: number
  metrics: MetricsClient
  /** Where kinds of described objects are looked up. */
  resources: () => Resource[]
}

/** What a metric of any type asks for (upstream: computeReplicasForMetric). Throws MetricError. */
export async function proposeReplicas(input: ProposalInput, spec: MetricSpec): Promise<MetricProposal> {
  switch (spec.type) {
    case 'Resource':
      return refused('FailedGetResourceMetric', `failed to get ${spec.resource!.name} utilization: `, () =>
        byResource(input, spec.resource!),
      )
    case 'ContainerResource':
      return refused(
        'FailedGetContainerResourceMetric',
        `failed to get ${spec.containerResource!.name} container metric value: `,
        () => byResource(input, spec.containerResource!),
      )
    case 'Pods':
      return refused('FailedGetPodsMetric', 'failed to get pods metric value: ', () => byPods(input, spec))
    case 'Object':
      return refused('FailedGetObjectMetric', 'failed to get object metric value: ', () =>
        byObject(input, spec),
      )
    case 'External':
      return refused(
        'FailedGetExternalMetric',
        `failed to get ${spec.external!.metric.name} external metric value: `,
        () => byExternal(input, spec),
      )
    default:
      throw new MetricError('InvalidMetricSourceType', new Error(`unknown metric source type "${spec.type}"`))
  }
}

async function refused(
  reason: string,
  prefix: string,
  work: () => Promise<MetricProposal>,
): Promise<MetricProposal> {
  try {
    return await work()
  } catch (error) {
    throw new MetricError(reason, error, prefix)
  }
}

interface ResourceSource {
  name: string
  container?: string
  target: { averageValue?: string; averageUtilization?: number }
}

async function byResource(input: ProposalInput, source: ResourceSource): Promise<MetricProposal> {
  const { name: resource, container, target } = source
  const wanted = { resource, ...(container === undefined ? {} : { container }) }
  const metrics = await labelled(`unable to get metrics for resource ${resource}: `, () =>
    input.metrics.resource(input.namespace, input.selector, wanted),
  )
  const called = container === undefined ? resource : `${resource} container`
  const statusOf = (current: { averageValue: string; averageUtilization?: number }): MetricStatus =>
    container === undefined
      ? { type: 'Resource', resource: { name: resource, current } }
      : { type: 'ContainerResource', containerResource: { name: resource, container, current } }
  if (target.averageValue !== undefined) {
    const value = quantityMilli(target.averageValue)
    const { replicas, average } = averageReplicas(input, metrics, { value, resource })
    return { replicas, name: `${called} resource`, status: statusOf({ averageValue: formatMilli(average) }) }
  }
  if (target.averageUtilization === undefined) {
    const kind = container === undefined ? 'resource' : 'container resource'
    throw new Error(`invalid ${kind} metric source: neither a utilization target nor a value target was set`)
  }
  const aim = { ...wanted, percent: target.averageUtilization }
  const { replicas, percent = 0, average } = utilizationReplicas(input, metrics, aim)
  return {
    replicas,
    name: `${called} resource utilization (percentage of request)`,
    status: statusOf({ averageUtilization: percent, averageValue: formatMilli(average) }),
  }
}

async function byPods(input: ProposalInput, spec: MetricSpec): Promise<MetricProposal> {
  const { metric, target } = spec.pods!
  const { name } = metric
  const found = await labelled(`unable to get metric ${name}: `, () =>
    input.metrics.pods(input.namespace, input.selector, nameOf(metric)),
  )
  const { replicas, average } = averageReplicas(input, found, { value: quantityMilli(target.averageValue) })
  const status = { type: 'Pods', pods: { metric, current: { averageValue: formatMilli(average) } } }
  return { replicas, name: `pods metric ${name}`, status }
}

async function byObject(input: ProposalInput, spec: MetricSpec): Promise<MetricProposal> {
  const { metric, target, describedObject } = spec.object!
  const { kind, name } = describedObject
  const value = await labelled(
    `unable to get metric ${metric.name}: `,
    () => input.metrics.object(input.namespace, findObject(input, describedObject), nameOf(metric)),
    ` on ${kind} ${input.namespace}/${name}`,
  )
  const status = (current: { value?: string; averageValue?: string }): MetricStatus => ({
    type: 'Object',
    object: { describedObject, metric, current },
  })
  if (target.type === 'Value' && target.value !== undefined) {
    const { replicas } = valueReplicas(input, value, quantityMilli(target.value))
    return { replicas, name: `${kind} metric ${metric.name}`, status: status({ value: formatMilli(value) }) }
  }
  if (target.type === 'AverageValue' && target.averageValue !== undefined) {
    const aim = { target: quantityMilli(target.averageValue), statusReplicas: input.statusReplicas }
    const { replicas, average } = perPodReplicas(input, value, aim)
    return {
      replicas,
      name: `external metric ${metric.name}(${goSelector(metric.selector)})`,
      status: status({ averageValue: formatMilli(average) }),
    }
  }
  throw new Error('invalid object metric source: neither a value target nor an average value target was set')
}

function findObject({ resources }: ProposalInput, described: CrossVersionObjectReference): DescribedObject {
  const { group } = parseApiVersion(described.apiVersion ?? '')
  const resource = resources().find((known) => known.kind === described.kind && known.group === group)
  if (!resource) throw new Error(`no matches for kind "${described.kind}" in group "${group}"`)
  return { resource, name: described.name }
}

async function byExternal(input: ProposalInput, spec: MetricSpec): Promise<MetricProposal> {
  const { metric, target } = spec.external!
  const place = `${input.namespace}/${metric.name}/${goSelector(metric.selector)}`
  const values = await labelled(`unable to get external metric ${place}: `, () =>
    input.metrics.external(input.namespace, nameOf(metric)),
  )
  const value = values.reduce((sum, one) => sum + one, 0)
  const name = `external metric ${metric.name}(${goSelector(metric.selector)})`
  const status = (current: { value?: string; averageValue?: string }): MetricStatus => ({
    type: 'External',
    external: { metric, current },
  })
  if (target.averageValue !== undefined) {
    const aim = { target: quantityMilli(target.averageValue), statusReplicas: input.statusReplicas }
    const { replicas, average } = perPodReplicas(input, value, aim)
    return { replicas, name, status: status({ averageValue: formatMilli(average) }) }
  }
  if (target.value !== undefined) {
    const { replicas } = valueReplicas(input, value, quantityMilli(target.value))
    return { replicas, name, status: status({ value: formatMilli(value) }) }
  }
  throw new Error(
    'invalid external metric source: neither a value target nor an average value target was set',
  )
}

async function labelled<T>(before: string, work: () => Promise<T>, after = ''): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Error(`${before}${(error as Error).message}${after}`, { cause: error })
  }
}

function nameOf({ name, selector }: MetricIdentifier): MetricName {
  return { name, selector: selector ? formatRequirements(requirementsOf(selector)) : '' }
}
