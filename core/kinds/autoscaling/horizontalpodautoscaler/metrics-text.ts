import type {
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../../api/generated/autoscaling-v2.ts'

const unknown = '<unknown>'
const maxShown = 2

/** `cpu: 30%/80%, 2/10 (avg) + 1 more...`: what is measured and what is aimed at (upstream: formatHPAMetrics). */
export function metricsText(specs: MetricSpec[], statuses: MetricStatus[]): string {
  if (specs.length === 0) return '<none>'
  const texts = specs.map((spec, at) => metricText(spec, statuses[at]))
  const shown = texts.slice(0, maxShown).join(', ')
  return texts.length > maxShown ? `${shown} + ${texts.length - maxShown} more...` : shown
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueText(spec.external?.target, status?.external?.current)
    case 'Object':
      return valueText(spec.object?.target, status?.object?.current)
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? unknown}/${spec.pods?.target.averageValue ?? ''}`
    case 'Resource':
      return resourceText(spec.resource, status?.resource?.current)
    case 'ContainerResource':
      return resourceText(spec.containerResource, status?.containerResource?.current)
    default:
      return '<unknown type>'
  }
}

function valueText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) {
    return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
  }
  return `${current?.value ?? unknown}/${target?.value ?? ''}`
}

function resourceText(
  source: { name: string; target: MetricTarget } | undefined,
  current: MetricValueStatus | undefined,
): string {
  if (!source) return unknown
  const { name, target } = source
  if (target.averageValue !== undefined)
    return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`
  const percent = (value: number | undefined, none: string): string =>
    value === undefined ? none : `${value}%`
  return `${name}: ${percent(current?.averageUtilization, unknown)}/${percent(target.averageUtilization, '<auto>')}`
}
