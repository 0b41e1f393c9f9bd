import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
} from '../../../api/generated/autoscaling-v2.ts'
import type {
  MetricSpec as V1MetricSpec,
  MetricStatus as V1MetricStatus,
} from '../../../api/generated/autoscaling-v1.ts'
import { metricOfV1, metricToV1 } from './v1-metric-specs.ts'
import { statusOfV1, statusToV1 } from './v1-metric-statuses.ts'

/** Where autoscaling/v1 keeps what it has no fields for (upstream: pkg/apis/autoscaling/annotations.go). */
const prefix = 'autoscaling.alpha.kubernetes.io/'
const names = {
  metrics: `${prefix}metrics`,
  currentMetrics: `${prefix}current-metrics`,
  conditions: `${prefix}conditions`,
  behavior: `${prefix}behavior`,
}

type Annotations = Record<string, string>

/** The annotations without those. */
export function withoutConversionNotes(annotations: Annotations | undefined): Annotations {
  const own = new Set<string>(Object.values(names))
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([name]) => !own.has(name)))
}

/** What the annotations of an autoscaling/v1 object say; what cannot be read says nothing. */
export function readConversionNotes(annotations: Annotations | undefined): {
  metrics?: MetricSpec[]
  behavior?: NonNullable<HorizontalPodAutoscaler['spec']['behavior']>
  currentMetrics?: MetricStatus[]
  conditions?: NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['conditions']>
} {
  const list = <T>(name: string): T[] | undefined => {
    const value = parse(annotations?.[name])
    return Array.isArray(value) ? (value as T[]) : undefined
  }
  const metrics = list<V1MetricSpec>(names.metrics)?.filter(isObject).map(metricOfV1)
  const currentMetrics = list<V1MetricStatus>(names.currentMetrics)?.filter(isObject).map(statusOfV1)
  const conditions = list<object>(names.conditions)?.filter(isObject)
  const behavior = mapKeys(parse(annotations?.[names.behavior]), lowerFirst)
  return {
    ...(metrics && { metrics }),
    ...(currentMetrics && { currentMetrics }),
    ...(conditions && { conditions: conditions as never }),
    ...(isObject(behavior) && Object.keys(behavior).length > 0 && { behavior }),
  }
}

/** The annotations in which an autoscaling/v1 object carries the rest of what is stored. */
export function writeConversionNotes({ spec, status }: HorizontalPodAutoscaler): Annotations {
  const notes: Annotations = {}
  const others = (spec.metrics ?? []).filter((metric) => !isCpuUtilization(metric))
  if (others.length > 0) notes[names.metrics] = JSON.stringify(others.map(metricToV1))
  const { currentMetrics, conditions } = status ?? {}
  if (currentMetrics?.length) notes[names.currentMetrics] = JSON.stringify(currentMetrics.map(statusToV1))
  // This one is written with the names of Go's fields.
  if (spec.behavior) notes[names.behavior] = JSON.stringify(mapKeys(spec.behavior, upperFirst))
  if (conditions?.length) notes[names.conditions] = JSON.stringify(conditions.map(conditionToV1))
  return notes
}

/** Whether autoscaling/v1 shows this metric as targetCPUUtilizationPercentage. */
export function isCpuUtilization({ type, resource }: MetricSpec): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined
}

function parse(text: string | undefined): unknown {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Anyone may write the annotation; what is no JSON is passed over, as upstream does.
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mapKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => mapKeys(item, rename))
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([, member]) => member !== null && member !== undefined)
  return Object.fromEntries(entries.map(([key, member]) => [rename(key), mapKeys(member, rename)]))
}

function upperFirst(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1)
}

function lowerFirst(key: string): string {
  return key.charAt(0).toLowerCase() + key.slice(1)
}

function conditionToV1(
  condition: NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['conditions']>[number],
): object {
  const { type, status, lastTransitionTime = null, reason, message } = condition
  return { type, status, lastTransitionTime, reason: reason || undefined, message: message || undefined }
}
