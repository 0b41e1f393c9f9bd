import type { MutatingAdmissionPolicyBinding } from '../../api/generated/admissionregistration-v1.ts'
import { expressions, selectorValues } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { validateBinding } from './binding-validation.ts'
import { defaultMatchResources } from './match-resources.ts'
import { bindingColumns } from './policy-columns.ts'

export const mutatingAdmissionPolicyBinding = defineKind<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  namespaced: false,
  names: {
    plural: 'mutatingadmissionpolicybindings',
    singular: 'mutatingadmissionpolicybinding',
    categories: ['api-extensions'],
  },
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  toleratedWhenStored: [selectorValues, expressions],
  tracksGeneration: true,
  requiresResourceVersion: true,
  columns: bindingColumns(),
  default(object) {
    object.spec ??= {}
    defaultMatchResources(object.spec.matchResources)
  },
  validate: ({ spec }) => validateBinding(spec, 'spec'),
})
