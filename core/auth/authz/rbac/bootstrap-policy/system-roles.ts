import type { ClusterRole } from '../../../../api/generated/rbac-v1.ts'
import { allow, allowPaths, group, read, recordEvents } from './rule.ts'

const healthPaths = ['/healthz', '/livez', '/readyz']

function signerApprover(name: string, signer: string): ClusterRole {
  const rule = allow(['approve'], { in: group.certificates, resources: ['signers'], names: [signer] })
  return { metadata: { name: `system:certificates.k8s.io:${name}` }, rules: [rule] }
}

function requestApproval(subresource: string): ClusterRole {
  const resources = [`certificatesigningrequests/${subresource}`]
  return {
    metadata: { name: `system:certificates.k8s.io:certificatesigningrequests:${subresource}` },
    rules: [allow(['create'], { in: group.certificates, resources })],
  }
}

/** Roles for everybody, and for what is commonly installed in a cluster. */
export const systemRoles: ClusterRole[] = [
  {
    metadata: { name: 'system:discovery' },
    rules: [
      allowPaths(
        ...healthPaths,
        ...['/version', '/version/', '/openapi', '/openapi/*', '/api', '/api/*', '/apis', '/apis/*'],
      ),
    ],
  },
  {
    metadata: { name: 'system:public-info-viewer' },
    rules: [allowPaths(...healthPaths, '/version', '/version/')],
  },
  {
    metadata: { name: 'system:basic-user' },
    rules: [
      allow(['create'], {
        in: group.authorization,
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      }),
      allow(['create'], { in: group.authentication, resources: ['selfsubjectreviews'] }),
    ],
  },
  {
    metadata: { name: 'system:monitoring' },
    rules: [
      allowPaths(
        ...healthPaths.flatMap((path) => [path, `${path}/*`]),
        ...['/flagz', '/metrics', '/metrics/slis', '/statusz'],
      ),
      allow(['get'], { in: group.core, resources: ['nodes/metrics'] }),
    ],
  },
  {
    metadata: { name: 'system:service-account-issuer-discovery' },
    rules: [
      allowPaths(
        ...['/.well-known/openid-configuration', '/openid/v1/jwks'].flatMap((path) => [path, `${path}/`]),
      ),
    ],
  },
  {
    metadata: { name: 'system:auth-delegator' },
    rules: [
      allow(['create'], { in: group.authentication, resources: ['tokenreviews'] }),
      allow(['create'], { in: group.authorization, resources: ['subjectaccessreviews'] }),
    ],
  },
  {
    metadata: { name: 'system:heapster' },
    rules: [
      allow(read, { in: group.core, resources: ['events', 'namespaces', 'nodes', 'pods'] }),
      allow(read, { in: group.extensions, resources: ['deployments'] }),
    ],
  },
  {
    metadata: { name: 'system:kube-aggregator' },
    rules: [allow(read, { in: group.core, resources: ['endpoints', 'services'] })],
  },
  {
    metadata: { name: 'system:persistent-volume-provisioner' },
    rules: [
      allow([...read, 'create', 'delete'], { in: group.core, resources: ['persistentvolumes'] }),
      allow([...read, 'update'], { in: group.core, resources: ['persistentvolumeclaims'] }),
      allow(read, { in: group.storage, resources: ['storageclasses'] }),
      allow(['watch'], { in: group.core, resources: ['events'] }),
      recordEvents,
    ],
  },
  requestApproval('nodeclient'),
  requestApproval('selfnodeclient'),
  signerApprover('kube-apiserver-client-approver', 'kubernetes.io/kube-apiserver-client'),
  signerApprover('kube-apiserver-client-kubelet-approver', 'kubernetes.io/kube-apiserver-client-kubelet'),
  signerApprover('kubelet-serving-approver', 'kubernetes.io/kubelet-serving'),
  signerApprover('legacy-unknown-approver', 'kubernetes.io/legacy-unknown'),
]
