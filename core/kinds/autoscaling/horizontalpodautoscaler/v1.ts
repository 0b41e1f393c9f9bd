import type { HorizontalPodAutoscaler as V1Autoscaler } from '../../../api/generated/autoscaling-v1.ts'
import type { HorizontalPodAutoscaler, MetricSpec } from '../../../api/generated/autoscaling-v2.ts'
import type { KubeObject, ObjectMeta } from '../../../api/meta.ts'
import { defineKind } from '../../../registry/kind.ts'
import type { KindDefinition } from '../../../registry/kind.ts'
import {
  isCpuUtilization,
  readConversionNotes,
  withoutConversionNotes,
  writeConversionNotes,
} from './v1-annotations.ts'
import { defaultAutoscaler, defaultUtilization } from './defaults.ts'
import { horizontalPodAutoscaler } from './index.ts'

const stored = horizontalPodAutoscaler as unknown as KindDefinition<HorizontalPodAutoscaler>

/** HorizontalPodAutoscaler of autoscaling/v1: the objects of v2, with what v1 cannot say in annotations. */
export const horizontalPodAutoscalerV1 = defineKind<V1Autoscaler>({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
  names: stored.names,
  schema: 'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  storedAs: { definition: horizontalPodAutoscaler, toStored: toV2, fromStored: fromV2 },
  tracksGeneration: false,
  columns: stored.columns.map(({ value, ...column }) => ({
    ...column,
    value: (object, now) => value(toV2(object), now),
  })),
  default({ metadata, spec }) {
    spec.minReplicas ??= 1
    // What v2 has where no metric is named at all.
    if (!readConversionNotes(metadata.annotations).metrics?.length)
      spec.targetCPUUtilizationPercentage ??= defaultUtilization
  },
  validateCreate: (object) => stored.validateCreate!(toV2(object)),
  validateUpdate: (object, old) => stored.validateUpdate!(toV2(object), toV2(old)),
  status: { validateUpdate: (object, old) => stored.status!.validateUpdate!(toV2(object), toV2(old)) },
})

/** Upstream: pkg/apis/autoscaling/v1/conversion.go. */
function toV2({ metadata, spec, status }: V1Autoscaler): HorizontalPodAutoscaler {
  const notes = readConversionNotes(metadata.annotations)
  const { targetCPUUtilizationPercentage: utilization, ...sharedSpec } = spec
  const { currentCPUUtilizationPercentage, ...sharedStatus } = status ?? { desiredReplicas: 0 }
  const metrics = [...(notes.metrics ?? []), ...(utilization === undefined ? [] : [cpuMetric(utilization)])]
  const currentMetrics =
    notes.currentMetrics ??
    (currentCPUUtilizationPercentage === undefined ? undefined : [cpuStatus(currentCPUUtilizationPercentage)])
  const object: HorizontalPodAutoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: withAnnotations(metadata, withoutConversionNotes(metadata.annotations)),
    spec: { ...sharedSpec, metrics, ...(notes.behavior && { behavior: notes.behavior }) },
    status: {
      ...sharedStatus,
      ...(currentMetrics && { currentMetrics }),
      ...(notes.conditions && { conditions: notes.conditions }),
    },
  }
  defaultAutoscaler(object)
  return object
}

function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }
}

function cpuStatus(
  averageUtilization: number,
): NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number] {
  return { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }
}

function fromV2(object: KubeObject): V1Autoscaler {
  const { metadata, spec, status } = object as HorizontalPodAutoscaler
  const { metrics = [], behavior: _inNotes, ...sharedSpec } = spec
  const { currentMetrics = [], conditions: _inNotesToo, ...sharedStatus } = status ?? { desiredReplicas: 0 }
  const target = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization
  const current = currentMetrics.find(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu')
  const utilization = current?.resource?.current.averageUtilization
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: withAnnotations(metadata, {
      ...withoutConversionNotes(metadata.annotations),
      ...writeConversionNotes(object as HorizontalPodAutoscaler),
    }),
    spec: {
      ...sharedSpec,
      ...(target !== undefined && { targetCPUUtilizationPercentage: target }),
    },
    status: {
      ...sharedStatus,
      currentReplicas: sharedStatus.currentReplicas ?? 0,
      ...(utilization !== undefined && { currentCPUUtilizationPercentage: utilization }),
    },
  }
}

function withAnnotations(metadata: ObjectMeta, annotations: Record<string, string>): ObjectMeta {
  const { annotations: _before, ...rest } = metadata
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest
}
