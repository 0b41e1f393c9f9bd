import { observedGenerationOf } from '../../../api/conditions.ts'
import type { Pod } from '../../../api/generated/core-v1.ts'
import { isTerminalPhase } from '../../../api/pod-status.ts'
import { gatedPodFields, gatedPodStatus } from './gated-fields.ts'
import { keepGenerations } from './kept-generations.ts'
import { podTolerances } from '../../validation/tolerated.ts'
import { dropGatedFields } from '../../../registry/gated-fields.ts'
import { defineKind } from '../../../registry/kind.ts'
import { applyAppArmorAnnotations } from './app-armor-annotations.ts'
import { bindingSubresource } from './binding.ts'
import { podColumns } from './columns.ts'
import { defaultPod } from './defaults.ts'
import { ephemeralContainersSubresource } from './ephemeral-containers.ts'
import { qosClassOf } from '../../../api/qos-class.ts'
import { fillOwnLabels } from './own-label-selectors.ts'
import { validatePod, validatePodCreate } from './pod-validation.ts'
import { resizeSubresource } from './resize.ts'
import { validatePodStatus } from './status-validation.ts'
import { validatePodUpdate } from './update-validation.ts'
import { podWarnings } from './warnings.ts'

export const pod = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  namespaced: true,
  names: { plural: 'pods', singular: 'pod', short: ['po'], categories: ['all'] },
  schema: 'io.k8s.api.core.v1.Pod',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('spec'),
  returnsDeletedObject: true,
  columns: podColumns,
  // Binding to a node is no new generation: a pod runs in its first.
  generationOf: ({ spec: { nodeName: _, ...spec } }) => spec,
  default: defaultPod,
  prepareForCreate(object, context) {
    object.status = { phase: 'Pending', qosClass: qosClassOf(object.spec) }
    fillOwnLabels(object)
    applyAppArmorAnnotations(object, (message) => context.warn(message))
    if (object.spec.schedulingGates?.length) {
      object.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
          ...observedGenerationOf(object),
          lastTransitionTime: context.now,
        },
      ]
    }
  },
  validate: validatePod,
  validateCreate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  // Who changes a pod is rarely a person, and often in a hurry.
  warnings: (object, old) => (old ? [] : podWarnings(object)),
  status: {
    keepsMetadata: ['deletionTimestamp', 'ownerReferences'],
    prepareForUpdate(object, old) {
      dropGatedFields(object, old, gatedPodStatus)
      // The class is decided once, from the spec; a kubelet that does not know it cannot take it away.
      if (object.status && old.status?.qosClass) object.status.qosClass ??= old.status.qosClass
      keepGenerations(object, old)
    },
    validateUpdate: validatePodStatus,
  },
  subresources: {
    binding: bindingSubresource,
    ephemeralcontainers: ephemeralContainersSubresource,
    resize: resizeSubresource,
  },
  gracefulDeletion: {
    gracePeriodSeconds(object, requested) {
      // Without a kubelet or without anything running there is nobody to wait for.
      if (!object.spec.nodeName || isTerminalPhase(object.status?.phase)) return 0
      const period = requested ?? object.spec.terminationGracePeriodSeconds ?? 30
      return period < 0 ? 1 : period
    },
  },
  selectableFields: {
    'spec.nodeName': (object) => object.spec.nodeName ?? '',
    'spec.restartPolicy': (object) => object.spec.restartPolicy ?? '',
    'spec.schedulerName': (object) => object.spec.schedulerName ?? '',
    'spec.serviceAccountName': (object) => object.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(object.spec.hostNetwork ?? false),
    'status.phase': (object) => object.status?.phase ?? '',
    'status.podIP': (object) => object.status?.podIPs?.[0]?.ip ?? object.status?.podIP ?? '',
    'status.podIPs': (object) => (object.status?.podIPs ?? []).map(({ ip }) => ip).join(','),
    'status.nominatedNodeName': (object) => object.status?.nominatedNodeName ?? '',
  },
})
