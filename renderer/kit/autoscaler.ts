import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../core/api/generated/autoscaling-v2.ts'
import { findCondition } from '../../core/api/conditions.ts'
import { quantityMilli } from '../../core/api/quantity.ts'
import type { Finding } from './kind-view.ts'

/** One metric of an autoscaler: what is measured against what is aimed at. */
export interface MetricRow {
  /** `cpu`, `cpu of app`, `http_requests of Ingress/web`. */
  name: string
  type: string
  /** `35%`, `12 MiB`; undefined while it is not known. */
  current: string | undefined
  target: string
  /** Measured by what is aimed at; above 1 it scales up. */
  share: number | undefined
}

interface Measure {
  name: string
  target: MetricTarget
  current?: MetricValueStatus | undefined
}

function measureOf(spec: MetricSpec, status: MetricStatus | undefined): Measure | undefined {
  const { resource, containerResource, pods, object, external } = spec
  if (resource) return { name: resource.name, target: resource.target, current: status?.resource?.current }
  if (containerResource) {
    const { name, container, target } = containerResource
    return { name: `${name} (${container})`, target, current: status?.containerResource?.current }
  }
  if (pods) return { name: pods.metric.name, target: pods.target, current: status?.pods?.current }
  if (object) {
    const { kind, name } = object.describedObject
    const title = `${object.metric.name} (${kind}/${name})`
    return { name: title, target: object.target, current: status?.object?.current }
  }
  return external
    ? { name: external.metric.name, target: external.target, current: status?.external?.current }
    : undefined
}

/** The field of a target that counts: upstream compares the one its type names. */
function comparedOf({ type }: MetricTarget): 'averageUtilization' | 'averageValue' | 'value' {
  if (type === 'Utilization') return 'averageUtilization'
  return type === 'AverageValue' ? 'averageValue' : 'value'
}

/** The metrics of an autoscaler in their order; a status answers the metric in its place. */
export function metricRows({ spec, status }: HorizontalPodAutoscaler): MetricRow[] {
  return (spec.metrics ?? []).flatMap((metric, index) => {
    const measure = measureOf(metric, status?.currentMetrics?.[index])
    if (!measure) return []
    const { name, target, current } = measure
    const field = comparedOf(target)
    // An object's or external metric may be reported as an average where a value is aimed at, and the other way round.
    const measured = current?.[field] ?? (field === 'value' ? current?.averageValue : undefined)
    const aim = target[field]
    const unit = field === 'averageUtilization' ? '%' : ''
    const share =
      measured === undefined || aim === undefined ? undefined : quantityMilli(measured) / quantityMilli(aim)
    return [
      {
        name,
        type: metric.type,
        current: measured === undefined ? undefined : `${measured}${unit}`,
        target: aim === undefined ? '–' : `${aim}${unit}`,
        share: share !== undefined && Number.isFinite(share) ? share : undefined,
      },
    ]
  })
}

/**
 * How many replicas an autoscaler is on the way to; undefined where it stays. One that has never measured anything says 0, which it could
 * only want where its minimum is 0.
 */
export function replicasAhead(scale: {
  min: number | undefined
  current: number
  desired: number
}): number | undefined {
  const { min = 1, current, desired } = scale
  return desired === current || (desired === 0 && min > 0) ? undefined : desired
}

/** What keeps an autoscaler from its work, or from going on, in words. */
export function diagnoseAutoscaler({ spec, status }: HorizontalPodAutoscaler): Finding[] {
  const findings: Finding[] = []
  const find = (type: string): ReturnType<typeof findCondition> => findCondition(status?.conditions, type)
  const [able, active, limited] = [find('AbleToScale'), find('ScalingActive'), find('ScalingLimited')]
  const said = (finding: Finding, message: string | undefined): Finding =>
    message ? { ...finding, detail: message } : finding
  if (able?.status === 'False')
    findings.push(said({ tone: 'bad', text: 'finding.cannotScale' }, able.message))
  if (active?.status === 'False')
    findings.push(
      active.reason === 'ScalingDisabled'
        ? { tone: 'warn', text: 'finding.scalingOff' }
        : said({ tone: 'bad', text: 'finding.cannotMeasure' }, active.message),
    )
  if (limited?.status === 'True' && active?.status !== 'False') {
    const isTop = (status?.desiredReplicas ?? 0) >= spec.maxReplicas
    findings.push({
      tone: isTop ? 'warn' : 'progress',
      text: isTop ? 'finding.atMost' : 'finding.atLeast',
      params: { count: isTop ? spec.maxReplicas : (spec.minReplicas ?? 1) },
      ...(limited.message && { detail: limited.message }),
    })
  }
  return findings
}
