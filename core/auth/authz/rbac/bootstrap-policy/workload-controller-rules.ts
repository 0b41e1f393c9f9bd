import type { PolicyRule } from '../../../../api/generated/rbac-v1.ts'
import { allow, group, read, recordEvents } from './rule.ts'

const both = [group.apps, group.extensions]
const managePods = allow(['create', 'delete', 'list', 'patch', 'watch'], {
  in: group.core,
  resources: ['pods'],
})
const manageRevisions = allow([...read, 'create', 'delete', 'patch', 'update'], {
  in: group.apps,
  resources: ['controllerrevisions'],
})

/** Status, and finalizers for owner references that block deletion. */
function report(groups: string | string[], resource: string): PolicyRule[] {
  return [`${resource}/status`, `${resource}/finalizers`].map((one) =>
    allow(['update'], { in: groups, resources: [one] }),
  )
}

/** Rules of the controllers of workloads, by the controller's ServiceAccount in kube-system. */
export const workloadControllerRules: Record<string, PolicyRule[]> = {
  'cronjob-controller': [
    allow([...read, 'update'], { in: group.batch, resources: ['cronjobs'] }),
    allow([...read, 'create', 'delete', 'patch', 'update'], { in: group.batch, resources: ['jobs'] }),
    ...report(group.batch, 'cronjobs'),
    allow(['delete', 'list', 'watch'], { in: group.core, resources: ['pods'] }),
    recordEvents,
  ],
  'daemon-set-controller': [
    allow(read, { in: both, resources: ['daemonsets'] }),
    ...report(both, 'daemonsets'),
    allow(['list', 'watch'], { in: group.core, resources: ['nodes'] }),
    managePods,
    allow(['create'], { in: group.core, resources: ['pods/binding'] }),
    manageRevisions,
    recordEvents,
  ],
  'deployment-controller': [
    allow([...read, 'update'], { in: both, resources: ['deployments'] }),
    ...report(both, 'deployments'),
    allow([...read, 'create', 'delete', 'patch', 'update'], { in: both, resources: ['replicasets'] }),
    allow([...read, 'update'], { in: group.core, resources: ['pods'] }),
    recordEvents,
  ],
  'disruption-controller': [
    allow(read, { in: both, resources: ['deployments'] }),
    allow(read, { in: both, resources: ['replicasets'] }),
    allow(read, { in: group.core, resources: ['replicationcontrollers'] }),
    allow(read, { in: group.policy, resources: ['poddisruptionbudgets'] }),
    allow(read, { in: group.apps, resources: ['statefulsets'] }),
    allow(['update'], { in: group.policy, resources: ['poddisruptionbudgets/status'] }),
    allow(['patch', 'update'], { in: group.core, resources: ['pods/status'] }),
    allow(['get'], { in: '*', resources: ['*/scale'] }),
    recordEvents,
  ],
  'horizontal-pod-autoscaler': [
    allow(read, { in: group.autoscaling, resources: ['horizontalpodautoscalers'] }),
    allow(['update'], { in: group.autoscaling, resources: ['horizontalpodautoscalers/status'] }),
    allow(['get', 'update'], { in: '*', resources: ['*/scale'] }),
    allow(['list', 'watch'], { in: group.core, resources: ['pods'] }),
    allow(['list', 'watch'], { in: 'metrics.k8s.io', resources: ['pods'] }),
    allow(read, { in: 'custom.metrics.k8s.io', resources: ['*'] }),
    allow(read, { in: 'external.metrics.k8s.io', resources: ['*'] }),
    recordEvents,
  ],
  'job-controller': [
    allow([...read, 'patch', 'update'], { in: group.batch, resources: ['jobs'] }),
    ...report(group.batch, 'jobs'),
    managePods,
    recordEvents,
  ],
  'replicaset-controller': [
    allow([...read, 'update'], { in: both, resources: ['replicasets'] }),
    ...report(both, 'replicasets'),
    managePods,
    recordEvents,
  ],
  'replication-controller': [
    allow([...read, 'update'], { in: group.core, resources: ['replicationcontrollers'] }),
    ...report(group.core, 'replicationcontrollers'),
    managePods,
    recordEvents,
  ],
  'statefulset-controller': [
    allow(['list', 'watch'], { in: group.core, resources: ['pods'] }),
    allow(read, { in: group.apps, resources: ['statefulsets'] }),
    ...report(group.apps, 'statefulsets'),
    allow(['create', 'delete', 'get', 'patch', 'update'], { in: group.core, resources: ['pods'] }),
    manageRevisions,
    allow([...read, 'create'], { in: group.core, resources: ['persistentvolumeclaims'] }),
    allow(['delete', 'update'], { in: group.core, resources: ['persistentvolumeclaims'] }),
    allow(['update'], { in: group.core, resources: ['pods/finalizers'] }),
    recordEvents,
  ],
  'ttl-after-finished-controller': [
    allow([...read, 'delete'], { in: group.batch, resources: ['jobs'] }),
    recordEvents,
  ],
}
