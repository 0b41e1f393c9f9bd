import { Link2 } from '@lucide/vue'
import type { MutatingAdmissionPolicyBinding } from '../../core/api/generated/admissionregistration-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PolicyBindingFacts from '../components/sections/PolicyBindingFacts.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** MutatingAdmissionPolicyBindings. */
export const mutatingAdmissionPolicyBindings = defineKindView<MutatingAdmissionPolicyBinding>({
  resource: resources.mutatingAdmissionPolicyBindings,
  section: 'config',
  order: 121,
  icon: Link2,
  title: 'kind.mutatingBindings',
  columns: column.policyBindingColumns(),
  sections: [{ id: 'inForce', title: 'section.inForce', component: PolicyBindingFacts }],
})
