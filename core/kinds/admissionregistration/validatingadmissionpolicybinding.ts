import type { ValidatingAdmissionPolicyBinding } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { expressions, selectorValues } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { duplicate, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { validateBinding } from './binding-validation.ts'
import { defaultMatchResources } from './match-resources.ts'
import { bindingColumns } from './policy-columns.ts'
import { repeats } from '../validation/repeats.ts'

const actions = ['Audit', 'Deny', 'Warn']
const denyAndWarn =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'

export const validatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  namespaced: false,
  names: {
    plural: 'validatingadmissionpolicybindings',
    singular: 'validatingadmissionpolicybinding',
    categories: ['api-extensions'],
  },
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  toleratedWhenStored: [selectorValues, expressions],
  tracksGeneration: true,
  requiresResourceVersion: true,
  columns: bindingColumns(),
  default({ spec }) {
    defaultMatchResources(spec.matchResources)
  },
  validate: ({ spec }) => [
    ...validateBinding(spec, 'spec'),
    ...validateActions(spec.validationActions ?? [], 'spec.validationActions'),
  ],
})

function validateActions(given: string[], path: string): FieldError[] {
  if (given.length === 0) return [required(path, 'at least one validation action is required')]
  const repeated = repeats(given)
  const errors = given.flatMap((action, at) => [
    ...(actions.includes(action) ? [] : [notSupported(`${path}[${at}]`, action, actions)]),
    ...(repeated.has(at) ? [duplicate(`${path}[${at}]`, action)] : []),
  ])
  if (!given.includes('Deny') || !given.includes('Warn')) return errors
  return [...errors, invalidValue(path, given, denyAndWarn)]
}
