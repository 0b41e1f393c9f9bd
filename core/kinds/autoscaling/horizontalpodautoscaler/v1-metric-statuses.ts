import type { MetricStatus } from '../../../api/generated/autoscaling-v2.ts'
import type { MetricStatus as V1MetricStatus } from '../../../api/generated/autoscaling-v1.ts'
import { identifier } from './v1-metric-specs.ts'

/** The state of a metric as autoscaling/v1 writes it into its annotation. */
export function statusToV1(metric: MetricStatus): V1MetricStatus {
  const { type, object, pods, resource, containerResource, external } = metric
  const averages = (current: { averageUtilization?: number; averageValue?: string }) => ({
    ...(current.averageUtilization !== undefined && {
      currentAverageUtilization: current.averageUtilization,
    }),
    currentAverageValue: current.averageValue ?? '0',
  })
  return {
    type,
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? '0',
        ...(object.metric.selector && { selector: object.metric.selector }),
        ...(object.current.averageValue && { averageValue: object.current.averageValue }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? '0',
        ...(pods.metric.selector && { selector: pods.metric.selector }),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...averages(resource.current) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...averages(containerResource.current),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...(external.metric.selector && { metricSelector: external.metric.selector }),
        currentValue: external.current.value ?? '0',
        ...(external.current.averageValue && { currentAverageValue: external.current.averageValue }),
      },
    }),
  }
}

/** The reverse of `statusToV1`. */
export function statusOfV1(metric: V1MetricStatus): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = metric
  const averages = (from: { currentAverageUtilization?: number; currentAverageValue?: string }) => ({
    ...(from.currentAverageUtilization !== undefined && {
      averageUtilization: from.currentAverageUtilization,
    }),
    ...(from.currentAverageValue !== undefined && { averageValue: from.currentAverageValue }),
  })
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target,
        metric: identifier(object.metricName, object.selector),
        current: {
          value: object.currentValue,
          ...(object.averageValue !== undefined && { averageValue: object.averageValue }),
        },
      },
    }),
    ...(pods && {
      pods: {
        metric: identifier(pods.metricName, pods.selector),
        current: { averageValue: pods.currentAverageValue },
      },
    }),
    ...(resource && { resource: { name: resource.name, current: averages(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        current: averages(containerResource),
      },
    }),
    ...(external && {
      external: {
        metric: identifier(external.metricName, external.metricSelector),
        current: {
          value: external.currentValue,
          ...(external.currentAverageValue !== undefined && { averageValue: external.currentAverageValue }),
        },
      },
    }),
  }
}
