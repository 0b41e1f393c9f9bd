import { describe, expect, it } from 'vitest'
import type { PolicyRule, RoleBinding, Subject } from '../../../api/generated/rbac-v1.ts'
import type { AuthorizationAttributes } from '../authorizer.ts'
import { createRbacAuthorizer } from './rbac-authorizer.ts'
import { ruleAllows } from './rule-allows.ts'
import { createRuleResolver } from './rule-resolver.ts'
import { createFixedPolicy } from './testing/fixed-policy.ts'

const ada = { name: 'ada', groups: ['dev', 'system:authenticated'] }

/** `get pods`, `get pods/log`, `update deployments.apps named web`, `get /metrics`. */
function request(text: string, change: Partial<AuthorizationAttributes> = {}): AuthorizationAttributes {
  const [verb = '', target = '', , name = ''] = text.split(' ')
  const [full = '', ...group] = target.startsWith('/') ? [''] : target.split('.')
  const [resource = '', subresource = ''] = full.split('/')
  return {
    user: ada,
    verb,
    isResourceRequest: !target.startsWith('/'),
    path: target.startsWith('/') ? target : '',
    apiGroup: group.join('.'),
    apiVersion: 'v1',
    namespace: 'prod',
    resource,
    subresource,
    name,
    ...change,
  }
}

describe('ruleAllows', () => {
  const rule = (verbs: string, apiGroups: string, resources: string, names?: string): PolicyRule => ({
    verbs: verbs.split(' '),
    apiGroups: apiGroups.split(' '),
    resources: resources.split(' '),
    ...(names ? { resourceNames: names.split(' ') } : {}),
  })
  const paths = (...nonResourceURLs: string[]): PolicyRule => ({ verbs: ['get'], nonResourceURLs })

  it.each<[string, PolicyRule, string, boolean]>([
    ['verb and resource', rule('get list', '', 'pods'), 'get pods', true],
    ['another verb', rule('get list', '', 'pods'), 'watch pods', false],
    ['another resource', rule('get', '', 'pods'), 'get services', false],
    ['another group', rule('get', '', 'deployments'), 'get deployments.apps', false],
    ['one of several groups', rule('get', ' apps', 'deployments'), 'get deployments.apps', true],
    ['all verbs', rule('*', '', 'pods'), 'deletecollection pods', true],
    ['all groups', rule('get', '*', 'deployments'), 'get deployments.apps', true],
    ['all resources', rule('get', '', '*'), 'get pods/log', true],
    ['all resources of one group only', rule('get', '', '*'), 'get deployments.apps', false],
    ['a resource is not its subresources', rule('get', '', 'pods'), 'get pods/log', false],
    ['a subresource', rule('get', '', 'pods/log'), 'get pods/log', true],
    ['a subresource is not its resource', rule('get', '', 'pods/log'), 'get pods', false],
    ['a subresource of every resource', rule('get', '*', '*/scale'), 'get deployments/scale.apps', true],
    ['no such pattern for resources', rule('get', '', 'pods/*'), 'get pods/log', false],
    ['named', rule('get', '', 'pods', 'web db'), 'get pods named web', true],
    ['another name', rule('get', '', 'pods', 'web'), 'get pods named db', false],
    ['named, but the request names nothing', rule('list', '', 'pods', 'web'), 'list pods', false],
    ['a path', paths('/metrics'), 'get /metrics', true],
    ['a path is exact', paths('/metrics'), 'get /metrics/slis', false],
    ['paths below', paths('/healthz/*'), 'get /healthz/ping', true],
    ['not the path itself', paths('/healthz/*'), 'get /healthz', false],
    ['every path', paths('*'), 'get /anything', true],
    ['a star only at the end', paths('/a/*/c'), 'get /a/b/c', false],
    ['path rules are not for resources', paths('*'), 'get pods', false],
    ['resource rules are not for paths', rule('*', '*', '*'), 'get /metrics', false],
  ])('%s', (_name, tested, text, expected) => {
    expect(ruleAllows(tested, request(text))).toBe(expected)
  })
})

const readPods: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }

function binding(
  name: string,
  role: string,
  options: { namespace?: string; kind?: string; subjects: Subject[] },
): RoleBinding {
  const { namespace, kind = 'ClusterRole', subjects } = options
  return {
    metadata: { name, ...(namespace ? { namespace } : {}) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
    subjects,
  }
}

const policy = createFixedPolicy({
  roles: [{ metadata: { name: 'viewer', namespace: 'prod' }, rules: [readPods] }],
  clusterRoles: [
    { metadata: { name: 'pods' }, rules: [readPods] },
    { metadata: { name: 'nodes' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['nodes'] }] },
    { metadata: { name: 'health' }, rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] },
  ],
  roleBindings: [
    binding('viewers', 'viewer', {
      namespace: 'prod',
      kind: 'Role',
      subjects: [
        { kind: 'ServiceAccount', name: 'web-sa', namespace: 'prod' },
        { kind: 'User', name: 'ada' },
      ],
    }),
    binding('testers', 'pods', { namespace: 'test', subjects: [{ kind: 'Group', name: 'dev' }] }),
    binding('testers-nodes', 'nodes', { namespace: 'test', subjects: [{ kind: 'Group', name: 'dev' }] }),
    binding('paths', 'health', { namespace: 'test', subjects: [{ kind: 'Group', name: 'dev' }] }),
    binding('gone', 'z', { namespace: 'broken', subjects: [{ kind: 'User', name: 'ada' }] }),
    binding('gone-too', 'y', {
      namespace: 'broken',
      kind: 'Role',
      subjects: [{ kind: 'User', name: 'ada' }],
    }),
  ],
  clusterRoleBindings: [
    binding('node-readers', 'nodes', { subjects: [{ kind: 'Group', name: 'ops' }] }),
    binding('health', 'health', { subjects: [{ kind: 'Group', name: 'system:authenticated' }] }),
  ],
})
const authorizer = createRbacAuthorizer(policy)

describe('createRbacAuthorizer', () => {
  const webAccount = { name: 'system:serviceaccount:prod:web-sa', groups: [] }
  const ops = { name: 'olga', groups: ['ops'] }

  it.each<[string, Partial<AuthorizationAttributes>, boolean]>([
    ['get pods', {}, true],
    ['get pods', { namespace: 'test' }, true],
    ['get pods', { namespace: 'other' }, false],
    ['list pods', { namespace: '' }, false],
    ['delete pods', {}, false],
    ['get pods', { user: webAccount }, true],
    ['get pods', { user: webAccount, namespace: 'test' }, false],
    ['get pods', { user: { name: 'system:serviceaccount:test:web-sa', groups: [] } }, false],
    ['get nodes', { namespace: '', user: ops }, true],
    ['get nodes', { namespace: '' }, false],
    ['get /healthz', {}, true],
    ['get /healthz', { user: { name: 'x', groups: ['dev'] } }, false],
  ])('%s with %j: %s', async (text, change, allowed) => {
    expect((await authorizer.authorize(request(text, change))).allowed).toBe(allowed)
  })

  it('tells by which binding', async () => {
    const reasons = await Promise.all(
      [
        request('get pods', { user: webAccount }),
        request('get pods', { namespace: 'test' }),
        request('get nodes', { namespace: '', user: ops }),
      ].map(async (attributes) => (await authorizer.authorize(attributes)).reason),
    )
    expect(reasons).toEqual([
      'RBAC: allowed by RoleBinding "viewers/prod" of Role "viewer" to ServiceAccount "web-sa/prod"',
      'RBAC: allowed by RoleBinding "testers/test" of ClusterRole "pods" to Group "dev"',
      'RBAC: allowed by ClusterRoleBinding "node-readers" of ClusterRole "nodes" to Group "ops"',
    ])
  })

  it('tells which roles are missing', async () => {
    expect(await authorizer.authorize(request('get pods', { namespace: 'broken' }))).toEqual({
      allowed: false,
      reason:
        'RBAC: [clusterrole.rbac.authorization.k8s.io "z" not found, role.rbac.authorization.k8s.io "y" not found]',
    })
    expect(await authorizer.authorize(request('get pods', { namespace: 'other' }))).toEqual({
      allowed: false,
    })
  })
})

describe('createRuleResolver', () => {
  it('lists the rules of a user once per binding, with what is missing', () => {
    const resolver = createRuleResolver(policy)
    expect(resolver.rulesFor(ada, 'test').rules).toHaveLength(4)
    expect(resolver.rulesFor(ada, '').rules).toEqual([{ verbs: ['get'], nonResourceURLs: ['/healthz'] }])
    expect(resolver.rulesFor(ada, 'broken').errors).toHaveLength(2)
  })
})
