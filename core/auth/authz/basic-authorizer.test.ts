import { describe, expect, it } from 'vitest'
import { accessDenied, type AuthorizationAttributes } from './authorizer.ts'
import { createBasicAuthorizer } from './basic-authorizer.ts'

const authorizer = createBasicAuthorizer()

function attributes(
  groups: string[],
  change: Partial<AuthorizationAttributes> = {},
): AuthorizationAttributes {
  return {
    user: { name: 'someone', groups },
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

describe('createBasicAuthorizer', () => {
  it.each(['system:masters', 'system:authenticated'])('allows %s', async (group) => {
    expect(await authorizer.authorize(attributes([group]))).toEqual({ allowed: true })
  })

  it('lets only masters impersonate', async () => {
    const change = { verb: 'impersonate', resource: 'users', name: 'bob' }
    expect(await authorizer.authorize(attributes(['system:authenticated'], change))).toEqual({
      allowed: false,
    })
    expect(await authorizer.authorize(attributes(['system:masters'], change))).toEqual({ allowed: true })
  })

  it.each([
    ['/healthz', true],
    ['/readyz/ping', true],
    ['/version', true],
    ['/api', false],
    ['/metrics', false],
    ['/versions', false],
  ])('anonymous GET of %s: %s', async (path, allowed) => {
    const change = { isResourceRequest: false, path, verb: 'get' }
    expect(await authorizer.authorize(attributes(['system:unauthenticated'], change))).toEqual({ allowed })
  })
})

describe('accessDenied', () => {
  it('words refusals as upstream does', () => {
    const user = { name: 'system:anonymous', groups: [] }
    const texts = [
      attributes([], { user }),
      attributes([], { user, namespace: '', name: 'p', verb: 'get', subresource: 'log' }),
      attributes([], { user, isResourceRequest: false, path: '/metrics', verb: 'get' }),
      attributes([], { user, apiGroup: 'apps', resource: 'deployments', name: 'd', verb: 'patch' }),
    ].map((entry) => accessDenied(entry, undefined).message)
    expect(texts).toEqual([
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "x"',
      'pods "p" is forbidden: User "system:anonymous" cannot get resource "pods/log" in API group "" at the cluster scope',
      'forbidden: User "system:anonymous" cannot get path "/metrics"',
      'deployments.apps "d" is forbidden: User "system:anonymous" cannot patch resource "deployments" in API group "apps" in the namespace "x"',
    ])
  })
})
