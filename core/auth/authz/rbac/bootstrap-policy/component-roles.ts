import type { ClusterRole, PolicyRule } from '../../../../api/generated/rbac-v1.ts'
import { allow, group, read, recordEvents, write } from './rule.ts'

function leaderElection(lease: string): PolicyRule[] {
  return [
    allow(['create'], { in: group.coordination, resources: ['leases'] }),
    allow(['get', 'update'], { in: group.coordination, resources: ['leases'], names: [lease] }),
  ]
}

const delegatedAuth: PolicyRule[] = [
  allow(['create'], { in: group.authentication, resources: ['tokenreviews'] }),
  allow(['create'], { in: group.authorization, resources: ['subjectaccessreviews'] }),
]

const readUpdate = [...read, 'patch', 'update']

/** Roles of the control plane's other components. */
export const componentRoles: ClusterRole[] = [
  {
    metadata: { name: 'system:kube-controller-manager' },
    rules: [
      recordEvents,
      ...leaderElection('kube-controller-manager'),
      allow(['create'], { in: group.core, resources: ['secrets', 'serviceaccounts'] }),
      allow(['delete'], { in: group.core, resources: ['secrets'] }),
      allow(['get'], {
        in: group.core,
        resources: ['configmaps', 'namespaces', 'secrets', 'serviceaccounts'],
      }),
      allow(['update'], { in: group.core, resources: ['secrets', 'serviceaccounts'] }),
      ...delegatedAuth,
      // Garbage collection and quota work on every kind there is.
      allow(['list', 'watch'], { in: '*', resources: ['*'] }),
      allow(['create'], { in: group.core, resources: ['serviceaccounts/token'] }),
    ],
  },
  {
    metadata: { name: 'system:kube-scheduler' },
    rules: [
      recordEvents,
      allow(['create'], { in: group.coordination, resources: ['leases'] }),
      allow([...read, 'update'], {
        in: group.coordination,
        resources: ['leases'],
        names: ['kube-scheduler'],
      }),
      allow([...read, ...write], { in: group.coordination, resources: ['leasecandidates'] }),
      allow(read, { in: group.core, resources: ['nodes'] }),
      allow([...read, 'delete'], { in: group.core, resources: ['pods'] }),
      allow(['create'], { in: group.core, resources: ['bindings', 'pods/binding'] }),
      allow(['patch', 'update'], { in: group.core, resources: ['pods/status'] }),
      allow(read, { in: group.core, resources: ['replicationcontrollers', 'services'] }),
      allow(read, { in: [group.apps, group.extensions], resources: ['replicasets'] }),
      allow(read, { in: group.apps, resources: ['statefulsets'] }),
      allow(read, { in: group.policy, resources: ['poddisruptionbudgets'] }),
      allow(read, { in: group.core, resources: ['persistentvolumeclaims', 'persistentvolumes'] }),
      ...delegatedAuth,
      allow(read, { in: group.storage, resources: ['csinodes'] }),
      allow(read, { in: group.storage, resources: ['volumeattachments'] }),
      allow(read, { in: group.core, resources: ['namespaces'] }),
      allow(read, { in: group.storage, resources: ['csidrivers'] }),
      allow(read, { in: group.storage, resources: ['csistoragecapacities'] }),
      allow(read, { in: group.resource, resources: ['deviceclasses'] }),
      allow(readUpdate, { in: group.resource, resources: ['resourceclaims'] }),
      allow(readUpdate, { in: group.resource, resources: ['resourceclaims/status'] }),
      allow(['update'], { in: group.core, resources: ['pods/finalizers'] }),
      allow(read, { in: group.resource, resources: ['resourceslices'] }),
      allow(['create', 'delete'], { in: group.resource, resources: ['resourceclaims'] }),
      allow(['patch', 'update'], { in: group.resource, resources: ['resourceclaims/binding'] }),
    ],
  },
  {
    metadata: { name: 'system:volume-scheduler' },
    rules: [
      allow(readUpdate, { in: group.core, resources: ['persistentvolumes'] }),
      allow(read, { in: group.storage, resources: ['storageclasses'] }),
      allow(readUpdate, { in: group.core, resources: ['persistentvolumeclaims'] }),
    ],
  },
  {
    metadata: { name: 'system:kube-dns' },
    rules: [allow(['list', 'watch'], { in: group.core, resources: ['endpoints', 'services'] })],
  },
]
