import { ScanEye } from '@lucide/vue'
import type { ValidatingAdmissionPolicy } from '../../core/api/generated/admissionregistration-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PolicyBindings from '../components/sections/PolicyBindings.vue'
import PolicyExpressions from '../components/sections/PolicyExpressions.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** ValidatingAdmissionPolicies. */
export const validatingAdmissionPolicies = defineKindView<ValidatingAdmissionPolicy>({
  resource: resources.validatingAdmissionPolicies,
  section: 'config',
  order: 130,
  icon: ScanEye,
  title: 'kind.validatingPolicies',
  columns: column.policyColumns('Validations'),
  sections: [
    { id: 'checks', title: 'section.checks', component: PolicyExpressions },
    { id: 'bindings', title: 'section.inForce', component: PolicyBindings },
  ],
})
