import type { MetricSpec } from '../../../api/generated/autoscaling-v2.ts'
import type { MetricSpec as V1MetricSpec } from '../../../api/generated/autoscaling-v1.ts'

type Selector = NonNullable<MetricSpec['pods']>['metric']['selector']

/** What names a metric of its own. */
export function identifier(
  name: string,
  selector: Selector,
): { name: string; selector?: NonNullable<Selector> } {
  return { name, ...(selector && { selector }) }
}

/** A metric as autoscaling/v1 writes it into its annotation (upstream: pkg/apis/autoscaling/v1/conversion.go). */
export function metricToV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: MetricSpec): V1MetricSpec {
  return {
    type,
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? '0',
        ...(object.metric.selector && { selector: object.metric.selector }),
        ...(object.target.averageValue && { averageValue: object.target.averageValue }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? '0',
        ...(pods.metric.selector && { selector: pods.metric.selector }),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...averagesToV1(resource.target) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...averagesToV1(containerResource.target),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...(external.metric.selector && { metricSelector: external.metric.selector }),
        ...(external.target.value && { targetValue: external.target.value }),
        ...(external.target.averageValue && { targetAverageValue: external.target.averageValue }),
      },
    }),
  }
}

function averagesToV1(target: { averageUtilization?: number; averageValue?: string }): {
  targetAverageUtilization?: number
  targetAverageValue?: string
} {
  const { averageUtilization, averageValue } = target
  return {
    ...(averageUtilization !== undefined && { targetAverageUtilization: averageUtilization }),
    ...(averageValue !== undefined && { targetAverageValue: averageValue }),
  }
}

/** The reverse of `metricToV1`. */
export function metricOfV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: V1MetricSpec): MetricSpec {
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target,
        metric: identifier(object.metricName, object.selector),
        target: target({ averageValue: object.averageValue }, object.targetValue),
      },
    }),
    ...(pods && {
      pods: {
        metric: identifier(pods.metricName, pods.selector),
        target: { type: 'AverageValue', averageValue: pods.targetAverageValue },
      },
    }),
    ...(resource && { resource: { name: resource.name, target: averagesOfV1(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        target: averagesOfV1(containerResource),
      },
    }),
    ...(external && {
      external: {
        metric: identifier(external.metricName, external.metricSelector),
        target: target({ averageValue: external.targetAverageValue }, external.targetValue),
      },
    }),
  }
}

function target(
  { averageValue }: { averageValue: string | undefined },
  value: string | undefined,
): { type: string; value?: string; averageValue?: string } {
  return {
    type: averageValue === undefined ? 'Value' : 'AverageValue',
    ...(value !== undefined && (averageValue === undefined || value !== '0') && { value }),
    ...(averageValue !== undefined && { averageValue }),
  }
}

function averagesOfV1(source: { targetAverageUtilization?: number; targetAverageValue?: string }): {
  type: string
  averageUtilization?: number
  averageValue?: string
} {
  const { targetAverageUtilization, targetAverageValue } = source
  return {
    type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    ...(targetAverageUtilization !== undefined && { averageUtilization: targetAverageUtilization }),
    ...(targetAverageValue !== undefined && { averageValue: targetAverageValue }),
  }
}
