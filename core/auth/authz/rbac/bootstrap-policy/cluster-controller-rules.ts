import type { PolicyRule } from '../../../../api/generated/rbac-v1.ts'
import { allow, group, read, recordEvents } from './rule.ts'

const signers = [
  'kube-apiserver-client',
  'kube-apiserver-client-kubelet',
  'kubelet-serving',
  'legacy-unknown',
]

/** Rules of the controllers of the cluster's own affairs, by the controller's ServiceAccount in kube-system. */
export const clusterControllerRules: Record<string, PolicyRule[]> = {
  'certificate-controller': [
    allow([...read, 'delete'], { in: group.certificates, resources: ['certificatesigningrequests'] }),
    allow(['update'], {
      in: group.certificates,
      resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
    }),
    allow(['approve'], {
      in: group.certificates,
      resources: ['signers'],
      names: ['kubernetes.io/kube-apiserver-client-kubelet'],
    }),
    allow(['sign'], {
      in: group.certificates,
      resources: ['signers'],
      names: signers.map((signer) => `kubernetes.io/${signer}`),
    }),
    allow(['create'], { in: group.authorization, resources: ['subjectaccessreviews'] }),
    recordEvents,
  ],
  'clusterrole-aggregation-controller': [
    allow([...read, 'escalate', 'patch', 'update'], { in: group.rbac, resources: ['clusterroles'] }),
  ],
  'device-taint-eviction-controller': [
    allow([...read, 'delete'], { in: group.core, resources: ['pods'] }),
    allow(['patch', 'update'], { in: group.core, resources: ['pods/status'] }),
    allow(read, { in: group.resource, resources: ['resourceclaims'] }),
    allow(read, { in: group.resource, resources: ['resourceslices'] }),
    allow(read, { in: group.resource, resources: ['deviceclasses'] }),
    recordEvents,
  ],
  'endpoint-controller': [
    allow(read, { in: group.core, resources: ['pods', 'services'] }),
    allow([...read, 'create', 'delete', 'update'], { in: group.core, resources: ['endpoints'] }),
    allow(['create'], { in: group.core, resources: ['endpoints/restricted'] }),
    recordEvents,
  ],
  'endpointslice-controller': [
    allow(read, { in: group.core, resources: ['nodes', 'pods', 'services'] }),
    allow(['update'], { in: group.core, resources: ['services/finalizers'] }),
    allow([...read, 'create', 'delete', 'update'], { in: group.discovery, resources: ['endpointslices'] }),
    recordEvents,
  ],
  'endpointslicemirroring-controller': [
    allow(read, { in: group.core, resources: ['endpoints', 'services'] }),
    allow(['update'], { in: group.core, resources: ['services/finalizers'] }),
    allow(['update'], { in: group.core, resources: ['endpoints/finalizers'] }),
    allow([...read, 'create', 'delete', 'update'], { in: group.discovery, resources: ['endpointslices'] }),
    recordEvents,
  ],
  'generic-garbage-collector': [
    allow([...read, 'delete', 'patch', 'update'], { in: '*', resources: ['*'] }),
    recordEvents,
  ],
  'legacy-service-account-token-cleaner': [
    allow(['get'], {
      in: group.core,
      resources: ['configmaps'],
      names: ['kube-apiserver-legacy-service-account-token-tracking'],
    }),
    allow(['delete', 'patch'], { in: group.core, resources: ['secrets'] }),
  ],
  'namespace-controller': [
    allow([...read, 'delete'], { in: group.core, resources: ['namespaces'] }),
    allow(['update'], { in: group.core, resources: ['namespaces/finalize', 'namespaces/status'] }),
    allow([...read, 'delete', 'deletecollection'], { in: '*', resources: ['*'] }),
  ],
  'node-controller': [
    allow([...read, 'delete', 'patch', 'update'], { in: group.core, resources: ['nodes'] }),
    allow(['patch', 'update'], { in: group.core, resources: ['nodes/status'] }),
    allow(['patch', 'update'], { in: group.core, resources: ['pods/status'] }),
    allow([...read, 'delete'], { in: group.core, resources: ['pods'] }),
    recordEvents,
  ],
  'pod-garbage-collector': [
    allow(['delete', 'list', 'watch'], { in: group.core, resources: ['pods'] }),
    allow(read, { in: group.core, resources: ['nodes'] }),
    allow(['patch'], { in: group.core, resources: ['pods/status'] }),
  ],
  'resourcequota-controller': [
    allow(['list', 'watch'], { in: '*', resources: ['*'] }),
    allow(['update'], { in: group.core, resources: ['resourcequotas/status'] }),
    recordEvents,
  ],
  'root-ca-cert-publisher': [
    allow(['create', 'update'], { in: group.core, resources: ['configmaps'] }),
    recordEvents,
  ],
  'route-controller': [
    allow(['list', 'watch'], { in: group.core, resources: ['nodes'] }),
    allow(['patch'], { in: group.core, resources: ['nodes/status'] }),
    recordEvents,
  ],
  'service-account-controller': [
    allow(['create'], { in: group.core, resources: ['serviceaccounts'] }),
    recordEvents,
  ],
  'service-cidrs-controller': [
    allow([...read, 'patch', 'update'], { in: group.networking, resources: ['servicecidrs'] }),
    allow(['patch', 'update'], { in: group.networking, resources: ['servicecidrs/finalizers'] }),
    allow(['patch', 'update'], { in: group.networking, resources: ['servicecidrs/status'] }),
    allow(read, { in: group.networking, resources: ['ipaddresses'] }),
    recordEvents,
  ],
  'service-controller': [
    allow(read, { in: group.core, resources: ['services'] }),
    allow(['patch', 'update'], { in: group.core, resources: ['services/status'] }),
    allow(['list', 'watch'], { in: group.core, resources: ['nodes'] }),
    recordEvents,
  ],
  'ttl-controller': [
    allow(['list', 'patch', 'update', 'watch'], { in: group.core, resources: ['nodes'] }),
    recordEvents,
  ],
  'validatingadmissionpolicy-status-controller': [
    allow(read, { in: group.admission, resources: ['validatingadmissionpolicies'] }),
    allow(['get', 'patch', 'update'], {
      in: group.admission,
      resources: ['validatingadmissionpolicies/status'],
    }),
    recordEvents,
  ],
}
