import type { MetricIdentifier, MetricSpec, MetricTarget } from '../../../api/generated/autoscaling-v2.ts'
import { compareQuantity } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateContainerResourceName } from '../../core/resource-names.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../../api/field-errors.ts'
import { checkDns1123Label } from '../../validation/formats.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { validatePathSegment } from '../../validation/path-segment.ts'
import { validateTargetReference } from './target-reference.ts'
import type { VersionRules } from './target-reference.ts'

/** The field that holds the source of each type of metric, in the order upstream looks at them. */
const sourceFields = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const
const metricTypes = Object.keys(sourceFields).sort()
const targetTypes = ['Utilization', 'Value', 'AverageValue']

/** One metric to scale by (upstream: pkg/apis/autoscaling/validation validateMetricSpec). */
export function validateMetric(metric: MetricSpec, path: string, references: VersionRules): FieldError[] {
  const { type } = metric
  const errors: FieldError[] = []
  if (!type) errors.push(required(`${path}.type`, 'must specify a metric source type'))
  const expected = Object.hasOwn(sourceFields, type)
    ? sourceFields[type as keyof typeof sourceFields]
    : undefined
  if (!expected) errors.push(notSupported(`${path}.type`, type, metricTypes))
  const given = Object.values(sourceFields).filter((field) => metric[field])
  if (given[0]) errors.push(...validateSource(metric, given[0], { path: `${path}.${given[0]}`, references }))
  // Upstream looks at the type before the sources and after them.
  if (!expected) errors.push(notSupported(`${path}.type`, type, metricTypes))
  else if (!metric[expected]) {
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  }
  if (given.length === 1) return errors
  const surplus = given.filter((field) => field !== expected)
  const why = 'must populate the given metric source only'
  return [...errors, ...surplus.map((field) => forbiddenField(`${path}.${field}`, why))]
}

type SourceField = (typeof sourceFields)[keyof typeof sourceFields]

function validateSource(
  metric: MetricSpec,
  field: SourceField,
  { path, references }: { path: string; references: VersionRules },
): FieldError[] {
  switch (field) {
    case 'object': {
      const { describedObject, metric: identifier, target } = metric.object!
      const errors = [
        ...validateTargetReference(describedObject, `${path}.describedObject`, references),
        ...validateIdentifier(identifier, `${path}.metric`),
        ...validateTarget(target, `${path}.target`),
      ]
      if (target?.value !== undefined || target?.averageValue !== undefined) return errors
      return [
        ...errors,
        required(`${path}.target.averageValue`, 'must set either a target value or averageValue'),
      ]
    }
    case 'external':
      return validateExternal(metric.external!, path)
    case 'pods': {
      const { metric: identifier, target } = metric.pods!
      const errors = [
        ...validateIdentifier(identifier, `${path}.metric`),
        ...validateTarget(target, `${path}.target`),
      ]
      if (target?.averageValue !== undefined) return errors
      return [
        ...errors,
        required(`${path}.target.averageValue`, 'must specify a positive target averageValue'),
      ]
    }
    case 'resource':
      return validateResource(metric.resource!, path)
    case 'containerResource': {
      return validateContainerResource(metric.containerResource!, path)
    }
  }
}

function validateExternal(
  source: { metric: MetricIdentifier; target: MetricTarget },
  path: string,
): FieldError[] {
  const { metric, target } = source
  const errors = [
    ...validateIdentifier(metric, `${path}.metric`),
    ...validateTarget(target, `${path}.target`),
  ]
  const hasValue = target?.value !== undefined
  const hasAverage = target?.averageValue !== undefined
  if (!hasValue && !hasAverage) {
    const why = 'must set either a target value for metric or a per-pod target'
    errors.push(required(`${path}.target.averageValue`, why))
  }
  if (hasValue && hasAverage) {
    const why = 'may not set both a target value for metric and a per-pod target'
    errors.push(forbiddenField(`${path}.target.value`, why))
  }
  return errors
}

function validateContainerResource(
  source: { name: string; container: string; target: MetricTarget },
  path: string,
): FieldError[] {
  const { name, container, target } = source
  const errors = name
    ? validateContainerResourceName(name, `${path}.name`)
    : [required(`${path}.name`, 'must specify a resource name')]
  if (!container) errors.push(required(`${path}.container`, 'must specify a container'))
  else errors.push(...invalidFor(`${path}.container`, container, checkDns1123Label(container)))
  return [...errors, ...validateResourceTarget(target, path)]
}

function validateResource(source: { name: string; target: MetricTarget }, path: string): FieldError[] {
  const { name, target } = source
  const errors = name ? [] : [required(`${path}.name`, 'must specify a resource name')]
  return [...errors, ...validateResourceTarget(target, path)]
}

function validateResourceTarget(target: MetricTarget, path: string): FieldError[] {
  const errors = validateTarget(target, `${path}.target`)
  const hasUtilization = target?.averageUtilization !== undefined
  const hasValue = target?.averageValue !== undefined
  if (!hasUtilization && !hasValue) {
    const why = 'must set either a target raw value or a target utilization'
    errors.push(required(`${path}.target.averageUtilization`, why))
  }
  if (hasUtilization && hasValue) {
    const why = 'may not set both a target raw value and a target utilization'
    errors.push(forbiddenField(`${path}.target.averageValue`, why))
  }
  return errors
}

function validateIdentifier(identifier: MetricIdentifier | undefined, path: string): FieldError[] {
  const errors = identifier?.name
    ? validatePathSegment(identifier.name, `${path}.name`)
    : [required(`${path}.name`, 'must specify a metric name')]
  return [...errors, ...validateLabelSelector(identifier?.selector, `${path}.selector`)]
}

function validateTarget(target: MetricTarget | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!target?.type) errors.push(required(`${path}.type`, 'must specify a metric target type'))
  if (!targetTypes.includes(target?.type ?? '')) {
    const why = 'must be either Utilization, Value, or AverageValue'
    errors.push(invalidValue(`${path}.type`, target?.type ?? '', why))
  }
  for (const name of ['value', 'averageValue'] as const) {
    const quantity = target?.[name]
    if (quantity !== undefined && compareQuantity(quantity, '0') <= 0) {
      errors.push(invalidValue(`${path}.${name}`, quantity, 'must be positive'))
    }
  }
  const utilization = target?.averageUtilization
  if (utilization !== undefined && utilization < 1) {
    errors.push(invalidValue(`${path}.averageUtilization`, utilization, 'must be greater than 0'))
  }
  return errors
}
