import { beforeAll, describe, expect, it } from 'vitest'
import type { ClusterRole, PolicyRule } from '../api/generated/rbac-v1.ts'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { waitFor } from './testing/wait-for.ts'
import { refusal } from './testing/refusal.ts'
import { useAccessControl } from './testing/use-access-control.ts'

describe('access control of a control plane', () => {
  const under = useAccessControl()
  const { login, grant } = under

  describe('keeps from handing out more than one has', () => {
    const group = 'rbac.authorization.k8s.io'
    let lena: Client
    const readPods: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }

    beforeAll(async () => {
      lena = await login('lena', 'leads')
      await grant('lena', 'default', [
        {
          verbs: ['create', 'update', 'get', 'patch'],
          apiGroups: [group],
          resources: ['roles', 'rolebindings'],
        },
        { verbs: ['bind'], apiGroups: [group], resources: ['clusterroles'], resourceNames: ['bindable'] },
        { verbs: ['escalate'], apiGroups: [group], resources: ['roles'], resourceNames: ['named'] },
        readPods,
      ])
      await under.admin.create(resources.clusterRoles, {
        metadata: { name: 'bindable' },
        rules: [{ verbs: ['delete'], apiGroups: ['apps'], resources: ['deployments'] }],
      })
      await waitFor(
        async () =>
          (await refusal(lena.get(resources.roles, { name: 'lena-role', namespace: 'default' }))) ===
          'allowed',
      )
    })

    it('in roles', async () => {
      const role = (name: string, rules: PolicyRule[]): Promise<string> =>
        refusal(lena.create(resources.roles, { metadata: { name, namespace: 'default' }, rules }))
      expect(await role('mine', [readPods])).toBe('allowed')
      expect(
        await role('more', [
          { verbs: ['get', 'delete', 'list'], apiGroups: [''], resources: ['pods'] },
          { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] },
        ]),
      ).toBe(
        '403 roles.rbac.authorization.k8s.io "more" is forbidden: user "lena" (groups=["leads" "system:authenticated"]) ' +
          'is attempting to grant RBAC permissions not currently held:\n' +
          '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "list"]}\n' +
          '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}',
      )
      const patched = lena.patch(
        resources.roles,
        { name: 'mine', namespace: 'default' },
        { type: 'json', body: [{ op: 'add', path: '/rules/0/verbs/-', value: 'delete' }] },
      )
      expect(await refusal(patched)).toMatch(
        /^403 .*\n\{APIGroups:\[""\], Resources:\["pods"\], Verbs:\["delete"\]\}$/s,
      )
    })

    it('in a role that she may escalate by name, until it is there', async () => {
      const rules = [{ verbs: ['delete'], apiGroups: ['apps'], resources: ['deployments'] }]
      const role = { metadata: { name: 'named', namespace: 'default' }, rules }
      expect(await refusal(lena.create(resources.roles, role))).toContain('not currently held')
      await under.admin.create(resources.roles, { ...role, rules: [] })
      expect(
        await refusal(
          lena.patch(
            resources.roles,
            { name: 'named', namespace: 'default' },
            { type: 'merge', body: { rules } },
          ),
        ),
      ).toBe('allowed')
    })

    it('but not where only the owners of a role change', async () => {
      const ref = { name: 'beyond', namespace: 'default' }
      await under.admin.create(resources.roles, {
        metadata: ref,
        rules: [{ verbs: ['delete'], apiGroups: ['apps'], resources: ['deployments'] }],
      })
      const patch = (metadata: object): Promise<string> =>
        refusal(lena.patch(resources.roles, ref, { type: 'merge', body: { metadata } }))
      expect(await patch({ finalizers: ['example.com/keep'] })).toBe('allowed')
      expect(await patch({ labels: { a: 'b' } })).toContain('not currently held')
    })

    it('in bindings', async () => {
      const bind = (kind: string, name: string): Promise<string> =>
        refusal(
          lena.create(resources.roleBindings, {
            metadata: { name: `to-${name.replaceAll(':', '-')}`, namespace: 'default' },
            roleRef: { kind, name },
            subjects: [{ kind: 'User', name: 'friend' }],
          }),
        )
      expect(await bind('Role', 'mine')).toBe('allowed')
      expect(await bind('ClusterRole', 'bindable')).toBe('allowed')
      expect(await bind('ClusterRole', 'cluster-admin')).toContain('{NonResourceURLs:["*"], Verbs:["*"]}')
      expect(await bind('ClusterRole', 'nothing')).toBe(
        '404 clusterrole.rbac.authorization.k8s.io "nothing" not found',
      )
    })

    it('and lets those who may escalate', async () => {
      await under.admin.patch(
        resources.roles,
        { name: 'lena-role', namespace: 'default' },
        {
          type: 'json',
          body: [
            {
              op: 'add',
              path: '/rules/-',
              value: { verbs: ['escalate'], apiGroups: [group], resources: ['roles'] },
            },
          ],
        },
      )
      const rules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
      const create = (): Promise<string> =>
        refusal(lena.create(resources.roles, { metadata: { name: 'all', namespace: 'default' }, rules }))
      await waitFor(async () => (await create()) === 'allowed')
    })

    it('in aggregated roles', async () => {
      const carl = await login('carl')
      const name = 'role-writers'
      const rule = { verbs: ['*'], apiGroups: [group], resources: ['clusterroles'] }
      // Without `escalate`, which `*` would hold.
      await under.admin.create(resources.clusterRoles, {
        metadata: { name },
        rules: [{ ...rule, verbs: ['create', 'update'] }],
      })
      await under.admin.create(resources.clusterRoleBindings, {
        metadata: { name },
        roleRef: { kind: 'ClusterRole', name },
        subjects: [{ kind: 'User', name: 'carl' }],
      })
      const role: ClusterRole = {
        metadata: { name: 'sum' },
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
      }
      const text = await waitFor(async () => {
        const answer = await refusal(carl.create(resources.clusterRoles, role))
        return answer.includes('aggregationRule') && answer
      })
      expect(text).toBe(
        '403 clusterroles.rbac.authorization.k8s.io "sum" is forbidden: must have cluster-admin privileges to use the aggregationRule',
      )
    })
  })
})
