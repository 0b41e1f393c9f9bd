import type { KindView } from '../kit/kind-view.ts'
import { apiServices } from './api-services.ts'
import { certificateSigningRequests } from './certificate-signing-requests.ts'
import { clusterRoleBindings } from './cluster-role-bindings.ts'
import { clusterRoles } from './cluster-roles.ts'
import { configMaps } from './config-maps.ts'
import { cronJobs } from './cron-jobs.ts'
import { customResourceDefinitions } from './custom-resource-definitions.ts'
import { daemonSets } from './daemon-sets.ts'
import { deployments } from './deployments.ts'
import { endpointSlices } from './endpoint-slices.ts'
import { endpoints } from './endpoints.ts'
import { events } from './events.ts'
import { horizontalPodAutoscalers } from './horizontal-pod-autoscalers.ts'
import { ingresses } from './ingresses.ts'
import { jobs } from './jobs.ts'
import { leases } from './leases.ts'
import { limitRanges } from './limit-ranges.ts'
import { mutatingAdmissionPolicies } from './mutating-admission-policies.ts'
import { mutatingAdmissionPolicyBindings } from './mutating-admission-policy-bindings.ts'
import { mutatingWebhookConfigurations } from './mutating-webhook-configurations.ts'
import { namespaces } from './namespaces.ts'
import { networkPolicies } from './network-policies.ts'
import { nodes } from './nodes.ts'
import { persistentVolumeClaims } from './persistent-volume-claims.ts'
import { persistentVolumes } from './persistent-volumes.ts'
import { podDisruptionBudgets } from './pod-disruption-budgets.ts'
import { pods } from './pods.ts'
import { priorityClasses } from './priority-classes.ts'
import { replicaSets } from './replica-sets.ts'
import { replicationControllers } from './replication-controllers.ts'
import { resourceQuotas } from './resource-quotas.ts'
import { roleBindings } from './role-bindings.ts'
import { roles } from './roles.ts'
import { secrets } from './secrets.ts'
import { serviceAccounts } from './service-accounts.ts'
import { services } from './services.ts'
import { statefulSets } from './stateful-sets.ts'
import { storageClasses } from './storage-classes.ts'
import { validatingAdmissionPolicies } from './validating-admission-policies.ts'
import { validatingAdmissionPolicyBindings } from './validating-admission-policy-bindings.ts'
import { validatingWebhookConfigurations } from './validating-webhook-configurations.ts'

/** The kinds with a view of their own. All others get the generic one (generic.ts). */
export const kindViews: readonly KindView[] = [
  nodes,
  namespaces,
  events,
  pods,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  jobs,
  cronJobs,
  replicationControllers,
  configMaps,
  secrets,
  services,
  endpoints,
  endpointSlices,
  serviceAccounts,
  horizontalPodAutoscalers,
  resourceQuotas,
  limitRanges,
  podDisruptionBudgets,
  leases,
  priorityClasses,
  ingresses,
  networkPolicies,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  apiServices,
  certificateSigningRequests,
  clusterRoleBindings,
  clusterRoles,
  customResourceDefinitions,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  roleBindings,
  roles,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
]
