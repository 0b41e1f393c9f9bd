import type { ClusterRole, PolicyRule } from '../../../../api/generated/rbac-v1.ts'
import { allow, group, read, recordEvents } from './rule.ts'

/** What a node may do: the role system:node, and what the node authorizer goes by. */
export const nodeRules: PolicyRule[] = [
  allow(['create'], { in: group.authentication, resources: ['tokenreviews'] }),
  allow(['create'], {
    in: group.authorization,
    resources: ['localsubjectaccessreviews', 'subjectaccessreviews'],
  }),
  allow(read, { in: group.core, resources: ['services'] }),
  allow([...read, 'create'], { in: group.core, resources: ['nodes'] }),
  allow(['patch', 'update'], { in: group.core, resources: ['nodes/status'] }),
  allow(['patch', 'update'], { in: group.core, resources: ['nodes'] }),
  recordEvents,
  allow(read, { in: group.core, resources: ['pods'] }),
  allow(['create', 'delete'], { in: group.core, resources: ['pods'] }),
  allow(['patch', 'update'], { in: group.core, resources: ['pods/status'] }),
  allow(['create'], { in: group.core, resources: ['pods/eviction'] }),
  allow(read, { in: group.core, resources: ['configmaps', 'secrets'] }),
  allow(['get'], { in: group.core, resources: ['persistentvolumeclaims', 'persistentvolumes'] }),
  allow(['get'], { in: group.core, resources: ['endpoints'] }),
  allow([...read, 'create'], { in: group.certificates, resources: ['certificatesigningrequests'] }),
  allow(['create', 'delete', 'get', 'patch', 'update'], { in: group.coordination, resources: ['leases'] }),
  allow(['get'], { in: group.storage, resources: ['volumeattachments'] }),
  allow(['create'], { in: group.core, resources: ['serviceaccounts/token'] }),
  allow(['get', 'patch', 'update'], { in: group.core, resources: ['persistentvolumeclaims/status'] }),
  allow(read, { in: group.storage, resources: ['csidrivers'] }),
  allow(['create', 'delete', 'get', 'patch', 'update'], { in: group.storage, resources: ['csinodes'] }),
  allow(read, { in: group.node, resources: ['runtimeclasses'] }),
  allow(['get'], { in: group.resource, resources: ['resourceclaims'] }),
  allow(['deletecollection'], { in: group.resource, resources: ['resourceslices'] }),
  allow(['get'], { in: group.core, resources: ['serviceaccounts'] }),
]

/** Roles of nodes and of what runs on every node. */
export const nodeRoles: ClusterRole[] = [
  { metadata: { name: 'system:node' }, rules: nodeRules },
  {
    metadata: { name: 'system:node-bootstrapper' },
    rules: [
      allow([...read, 'create'], { in: group.certificates, resources: ['certificatesigningrequests'] }),
    ],
  },
  {
    metadata: { name: 'system:node-problem-detector' },
    rules: [
      allow(['get'], { in: group.core, resources: ['nodes'] }),
      allow(['patch'], { in: group.core, resources: ['nodes/status'] }),
      recordEvents,
    ],
  },
  {
    metadata: { name: 'system:node-proxier' },
    rules: [
      allow(['list', 'watch'], { in: group.core, resources: ['endpoints', 'services'] }),
      allow(read, { in: group.core, resources: ['nodes'] }),
      recordEvents,
      allow(['list', 'watch'], { in: group.networking, resources: ['servicecidrs'] }),
      allow(['list', 'watch'], { in: group.discovery, resources: ['endpointslices'] }),
    ],
  },
  {
    metadata: { name: 'system:kubelet-api-admin' },
    rules: [
      allow(read, { in: group.core, resources: ['nodes'] }),
      allow(['proxy'], { in: group.core, resources: ['nodes'] }),
      allow(['*'], {
        in: group.core,
        resources: ['nodes/log', 'nodes/metrics', 'nodes/proxy', 'nodes/stats'],
      }),
      allow(['*'], { in: group.core, resources: ['nodes/configz', 'nodes/healthz', 'nodes/pods'] }),
    ],
  },
]
