import { describe, expect, it } from 'vitest'
import { accessDenied, type AuthorizationAttributes } from './authorizer.ts'

function attributes(change: Partial<AuthorizationAttributes>): AuthorizationAttributes {
  return {
    user: { name: 'system:anonymous', groups: [] },
    verb: 'list',
    isResourceRequest: true,
    path: '',
    apiGroup: '',
    apiVersion: 'v1',
    namespace: 'x',
    resource: 'pods',
    subresource: '',
    name: '',
    ...change,
  }
}

describe('accessDenied', () => {
  it('words refusals as upstream does', () => {
    const texts = [
      attributes({}),
      attributes({ namespace: '', name: 'p', verb: 'get', subresource: 'log' }),
      attributes({ isResourceRequest: false, path: '/metrics', verb: 'get' }),
      attributes({ apiGroup: 'apps', resource: 'deployments', name: 'd', verb: 'patch' }),
    ].map((entry) => accessDenied(entry, undefined).message)
    expect(texts).toEqual([
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "x"',
      'pods "p" is forbidden: User "system:anonymous" cannot get resource "pods/log" in API group "" at the cluster scope',
      'forbidden: User "system:anonymous" cannot get path "/metrics"',
      'deployments.apps "d" is forbidden: User "system:anonymous" cannot patch resource "deployments" in API group "apps" in the namespace "x"',
    ])
  })

  it('adds the reason', () => {
    const error = accessDenied(attributes({}), 'RBAC: role.rbac.authorization.k8s.io "z" not found')
    expect(error.message).toMatch(
      /in the namespace "x": RBAC: role\.rbac\.authorization\.k8s\.io "z" not found$/,
    )
  })
})
