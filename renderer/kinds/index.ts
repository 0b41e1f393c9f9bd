import type { KindView } from '../kit/kind-view.ts'
import { configMaps } from './config-maps.ts'
import { daemonSets } from './daemon-sets.ts'
import { deployments } from './deployments.ts'
import { endpointSlices } from './endpoint-slices.ts'
import { endpoints } from './endpoints.ts'
import { events } from './events.ts'
import { horizontalPodAutoscalers } from './horizontal-pod-autoscalers.ts'
import { limitRanges } from './limit-ranges.ts'
import { namespaces } from './namespaces.ts'
import { networkPolicies } from './network-policies.ts'
import { nodes } from './nodes.ts'
import { persistentVolumeClaims } from './persistent-volume-claims.ts'
import { persistentVolumes } from './persistent-volumes.ts'
import { podDisruptionBudgets } from './pod-disruption-budgets.ts'
import { pods } from './pods.ts'
import { replicaSets } from './replica-sets.ts'
import { resourceQuotas } from './resource-quotas.ts'
import { secrets } from './secrets.ts'
import { serviceAccounts } from './service-accounts.ts'
import { services } from './services.ts'
import { statefulSets } from './stateful-sets.ts'
import { storageClasses } from './storage-classes.ts'

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
  networkPolicies,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
]
