import { groupResource } from '../gvk.ts'
import type { KubeObject } from '../meta.ts'
import { projectEvent, projectNamespace, projectNode, projectService } from './cluster.ts'
import { projectDefinition } from './extensions.ts'
import { projectPod } from './pods.ts'
import {
  projectAutoscaler,
  projectDisruptionBudget,
  projectNetworkPolicy,
  projectResourceQuota,
} from './policies.ts'
import type { Projection } from './projection.ts'
import {
  projectCronJob,
  projectDaemonSet,
  projectDeployment,
  projectJob,
  projectReplicaSet,
  projectStatefulSet,
} from './workloads.ts'

function of<T extends KubeObject>(projection: Projection<T>): Projection {
  return (object) => projection(object as T)
}

/** The projections by `resource.group`; the explicit list. */
const projections = new Map<string, Projection>([
  ['pods', of(projectPod)],
  ['services', of(projectService)],
  ['nodes', of(projectNode)],
  ['namespaces', of(projectNamespace)],
  ['events', of(projectEvent)],
  ['deployments.apps', of(projectDeployment)],
  ['replicasets.apps', of(projectReplicaSet)],
  ['statefulsets.apps', of(projectStatefulSet)],
  ['daemonsets.apps', of(projectDaemonSet)],
  ['jobs.batch', of(projectJob)],
  ['cronjobs.batch', of(projectCronJob)],
  ['horizontalpodautoscalers.autoscaling', of(projectAutoscaler)],
  ['resourcequotas', of(projectResourceQuota)],
  ['poddisruptionbudgets.policy', of(projectDisruptionBudget)],
  ['networkpolicies.networking.k8s.io', of(projectNetworkPolicy)],
  ['customresourcedefinitions.apiextensions.k8s.io', of(projectDefinition)],
])

/** The `data` of a list's row (core/api/live.ts); undefined for kinds that have no projection. */
export function projectRow(
  resource: { group: string; resource: string },
  object: KubeObject,
): Record<string, unknown> | undefined {
  return projections.get(groupResource(resource))?.(object)
}
