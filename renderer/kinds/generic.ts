import { Braces } from '@lucide/vue'
import { groupResource } from '../../core/api/gvk.ts'
import { defineKindView, type KindView, type ServedResource, type SidebarSection } from '../kit/kind-view.ts'

/** Where well-known kinds without a view of their own belong. */
const places: Record<string, [section: SidebarSection, order: number]> = {
  'jobs.batch': ['workloads', 60],
  'cronjobs.batch': ['workloads', 70],
  replicationcontrollers: ['workloads', 80],
  'controllerrevisions.apps': ['workloads', 90],
  resourcequotas: ['config', 30],
  limitranges: ['config', 40],
  'horizontalpodautoscalers.autoscaling': ['config', 50],
  'poddisruptionbudgets.policy': ['config', 60],
  'leases.coordination.k8s.io': ['config', 70],
  'priorityclasses.scheduling.k8s.io': ['config', 80],
  'ingresses.networking.k8s.io': ['network', 40],
  'ingressclasses.networking.k8s.io': ['network', 50],
  'networkpolicies.networking.k8s.io': ['network', 60],
  persistentvolumeclaims: ['storage', 10],
  persistentvolumes: ['storage', 20],
  'storageclasses.storage.k8s.io': ['storage', 30],
  'roles.rbac.authorization.k8s.io': ['access', 20],
  'rolebindings.rbac.authorization.k8s.io': ['access', 30],
  'clusterroles.rbac.authorization.k8s.io': ['access', 40],
  'clusterrolebindings.rbac.authorization.k8s.io': ['access', 50],
}

/** The view of a kind the page knows nothing about: the server's columns, metadata, conditions, events and YAML. */
export function genericView(resource: ServedResource): KindView {
  const [section, order] = places[groupResource(resource)] ?? ['other', 0]
  return defineKindView({ resource, section, order, icon: Braces, shortNames: resource.shortNames })
}
