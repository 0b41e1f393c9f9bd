import type { HorizontalPodAutoscaler } from '../../../api/generated/autoscaling-v2.ts'
import { defineKind } from '../../../registry/kind.ts'
import { ageColumn, nameColumn } from '../../columns.ts'
import { validateNonNegative } from '../../core/pod/handler-validation.ts'
import { defaultAutoscaler } from './defaults.ts'
import { metricsText } from './metrics-text.ts'
import { validateAutoscalerSpec } from './validation.ts'

export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
  names: {
    plural: 'horizontalpodautoscalers',
    singular: 'horizontalpodautoscaler',
    short: ['hpa'],
    categories: ['all'],
  },
  schema: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  toleratedWhenStored: [/\.(?:scaleTargetRef|describedObject)\.apiVersion$/, /^spec\.minReplicas$/],
  tracksGeneration: false,
  columns: [
    nameColumn(),
    {
      name: 'Reference',
      type: 'string',
      value: ({ spec: { scaleTargetRef: target } }) => `${target.kind}/${target.name}`,
    },
    {
      name: 'Targets',
      type: 'string',
      value: ({ spec, status }) => metricsText(spec.metrics ?? [], status?.currentMetrics ?? []),
    },
    { name: 'MinPods', type: 'string', value: ({ spec }) => String(spec.minReplicas ?? '<unset>') },
    { name: 'MaxPods', type: 'string', value: ({ spec }) => spec.maxReplicas },
    { name: 'Replicas', type: 'string', value: ({ status }) => status?.currentReplicas ?? 0 },
    ageColumn(),
  ],
  default: defaultAutoscaler,
  validateCreate: ({ spec }) => validateAutoscalerSpec(spec, undefined, 'spec'),
  validateUpdate: ({ spec }, old) => validateAutoscalerSpec(spec, old.spec, 'spec'),
  status: {
    validateUpdate: ({ status }) => [
      ...validateNonNegative(status?.currentReplicas, 'status.currentReplicas'),
      ...validateNonNegative(status?.desiredReplicas, 'status.desiredReplicas'),
    ],
  },
})
