import type { Role, RoleBinding } from '../../../../api/generated/rbac-v1.ts'
import { allow, group, read, recordEvents } from './rule.ts'
import { bindRole, serviceAccount, user } from './subjects.ts'

const system = 'kube-system'

function leaderLocking(component: string): Role {
  return {
    metadata: { name: `system::leader-locking-${component}`, namespace: system },
    rules: ['leases', 'leasecandidates'].map((one) =>
      allow([...read, 'create', 'update'], { in: group.coordination, resources: [one] }),
    ),
  }
}

/** Roles that hold in the system's own namespaces. */
export const namespaceRoles: Role[] = [
  {
    metadata: { name: 'extension-apiserver-authentication-reader', namespace: system },
    rules: [
      allow(read, {
        in: group.core,
        resources: ['configmaps'],
        names: ['extension-apiserver-authentication'],
      }),
    ],
  },
  {
    metadata: { name: 'system:controller:bootstrap-signer', namespace: system },
    rules: [allow(read, { in: group.core, resources: ['secrets'] })],
  },
  {
    metadata: { name: 'system:controller:cloud-provider', namespace: system },
    rules: [allow([...read, 'create'], { in: group.core, resources: ['configmaps'] })],
  },
  {
    metadata: { name: 'system:controller:token-cleaner', namespace: system },
    rules: [allow([...read, 'delete'], { in: group.core, resources: ['secrets'] }), recordEvents],
  },
  leaderLocking('kube-controller-manager'),
  leaderLocking('kube-scheduler'),
  {
    metadata: { name: 'system:controller:bootstrap-signer', namespace: 'kube-public' },
    rules: [
      allow(read, { in: group.core, resources: ['configmaps'] }),
      allow(['update'], { in: group.core, resources: ['configmaps'], names: ['cluster-info'] }),
      recordEvents,
    ],
  },
]

const inSystem = (name: string): { name: string; namespace: string } => ({ name, namespace: system })

function bindLeaderLocking(component: string, ...accounts: string[]): RoleBinding {
  const name = `system::leader-locking-${component}`
  return bindRole(inSystem(name), name, [
    user(`system:${component}`),
    ...accounts.map((account) => serviceAccount(system, account)),
  ])
}

/** Bindings of those roles. */
export const namespaceRoleBindings: RoleBinding[] = [
  bindRole(
    inSystem('system::extension-apiserver-authentication-reader'),
    'extension-apiserver-authentication-reader',
    [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  ),
  bindLeaderLocking('kube-controller-manager', 'kube-controller-manager', 'leader-election-controller'),
  bindLeaderLocking('kube-scheduler', 'kube-scheduler'),
  ...['bootstrap-signer', 'cloud-provider', 'token-cleaner'].map((controller) =>
    bindRole(inSystem(`system:controller:${controller}`), `system:controller:${controller}`, [
      serviceAccount(system, controller),
    ]),
  ),
  bindRole(
    { name: 'system:controller:bootstrap-signer', namespace: 'kube-public' },
    'system:controller:bootstrap-signer',
    [serviceAccount(system, 'bootstrap-signer')],
  ),
]
