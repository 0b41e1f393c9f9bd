import { PenLine } from '@lucide/vue'
import type { MutatingAdmissionPolicy } from '../../core/api/generated/admissionregistration-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PolicyBindings from '../components/sections/PolicyBindings.vue'
import PolicyExpressions from '../components/sections/PolicyExpressions.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** MutatingAdmissionPolicies. */
export const mutatingAdmissionPolicies = defineKindView<MutatingAdmissionPolicy>({
  resource: resources.mutatingAdmissionPolicies,
  section: 'config',
  order: 120,
  icon: PenLine,
  title: 'kind.mutatingPolicies',
  columns: column.policyColumns('Mutations'),
  sections: [
    { id: 'checks', title: 'section.checks', component: PolicyExpressions },
    { id: 'bindings', title: 'section.inForce', component: PolicyBindings },
  ],
})
