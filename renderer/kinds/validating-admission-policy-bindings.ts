import { Link2 } from '@lucide/vue'
import type { ValidatingAdmissionPolicyBinding } from '../../core/api/generated/admissionregistration-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PolicyBindingFacts from '../components/sections/PolicyBindingFacts.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** ValidatingAdmissionPolicyBindings. */
export const validatingAdmissionPolicyBindings = defineKindView<ValidatingAdmissionPolicyBinding>({
  resource: resources.validatingAdmissionPolicyBindings,
  section: 'config',
  order: 131,
  icon: Link2,
  title: 'kind.validatingBindings',
  columns: column.policyBindingColumns(),
  sections: [{ id: 'inForce', title: 'section.inForce', component: PolicyBindingFacts }],
})
