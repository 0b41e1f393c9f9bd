import { beforeEach, describe, expect, it } from 'vitest'
import type { UserInfo } from '../../api/request.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { createImpersonationMetrics } from '../metrics/impersonation-metrics.ts'
import { createMetricRegistry } from '../../util/metrics/metric-registry.ts'
import { parseRequestInfo } from '../request-info.ts'
import { createImpersonator, type Impersonator } from './impersonator.ts'

/** `verb resource name`, of what is allowed; a name may be left out for all. */
let rules: Set<string>
let asked: string[]
let clock: FakeClock
let impersonate: Impersonator
const registry = createMetricRegistry()
const metrics = createImpersonationMetrics(registry)

beforeEach(() => {
  rules = new Set()
  asked = []
  clock = new FakeClock()
  impersonate = createImpersonator({
    authorizer: {
      authorize({ verb, resource, subresource, name }) {
        const what = `${verb} ${subresource ? `${resource}/${subresource}` : resource}`
        asked.push(`${what} ${name}`.trim())
        return { allowed: rules.has(what) || rules.has(`${what} ${name}`) }
      },
    },
    clock,
    metrics,
  })
})

const ada: UserInfo = { name: 'ada', groups: [] }

function act(headers: string[], { caller = ada, path = '/api/v1/namespaces/d/pods' } = {}): Promise<unknown> {
  const info = parseRequestInfo('GET', path, new URLSearchParams())
  return impersonate(headers, info, caller).catch((error: Error) => error.message)
}

const asBob = ['Impersonate-User', 'bob']

describe('acting as another user', () => {
  it('is nothing without headers, and takes a name', async () => {
    expect(await act(['Accept', 'x'])).toBeUndefined()
    expect(await act(['Impersonate-Group', 'a,b', 'Impersonate-Extra-k%2fx', 'v'])).toBe(
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a,b"}, Extra:map[string][]string{"k/x":[]string{"v"}}} without impersonating a user name',
    )
  })

  it('is refused for the first right that is missing', async () => {
    expect(await act(asBob)).toBe(
      'pods is forbidden: User "ada" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "d"',
    )
    rules.add('impersonate-on:user-info:list pods')
    expect(await act(asBob)).toBe(
      'users.authentication.k8s.io "bob" is forbidden: User "ada" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    )
  })

  it('may be allowed for one thing only, and is asked about once in ten seconds', async () => {
    rules = new Set(['impersonate-on:user-info:list pods', 'impersonate:user-info users bob'])
    const found = {
      user: { name: 'bob', groups: ['system:authenticated'] },
      constraint: 'impersonate:user-info',
    }
    expect(await act(asBob)).toEqual(found)
    rules.clear()
    expect(await act(asBob)).toEqual(found)
    expect(await act(asBob, { path: '/api/v1/namespaces/d/secrets' })).toContain(
      'impersonate-on:user-info:list',
    )
    rules.add('impersonate-on:user-info:list secrets')
    expect(await act(asBob, { path: '/api/v1/namespaces/d/secrets' })).toEqual(found)
    await clock.advance(10_001)
    expect(await act(asBob)).toContain('cannot impersonate-on:user-info:list')
  })

  it('is allowed as ever by the right to impersonate, which is asked for first from then on', async () => {
    rules.add('impersonate users')
    const found = { user: { name: 'bob', groups: ['system:authenticated'] }, constraint: '' }
    expect(await act(asBob)).toEqual(found)
    asked = []
    expect(await act(asBob)).toEqual(found)
    expect(asked).toEqual(['impersonate users bob'])
  })

  it('with masters among the groups takes the right to impersonate', async () => {
    rules = new Set([
      'impersonate-on:user-info:list pods',
      'impersonate:user-info users',
      'impersonate:user-info groups',
    ])
    expect(await act([...asBob, 'Impersonate-Group', 'team'])).toMatchObject({
      user: { groups: ['team', 'system:authenticated'] },
    })
    expect(await act([...asBob, 'Impersonate-Group', 'system:masters'])).toBe(
      'groups.authentication.k8s.io "system:masters" is forbidden: User "ada" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
    )
    expect(await act([...asBob, 'Impersonate-Extra-plain', 'v'])).toContain(
      'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "plain": must be a domain-prefixed path',
    )
  })
})

describe('acting as a service account or a node', () => {
  it('has modes of its own', async () => {
    rules = new Set([
      'impersonate-on:serviceaccount:list pods',
      'impersonate:serviceaccount serviceaccounts web',
      'impersonate-on:arbitrary-node:list pods',
      'impersonate:arbitrary-node nodes n1',
    ])
    expect(await act(['Impersonate-User', 'system:serviceaccount:d:web'])).toEqual({
      user: {
        name: 'system:serviceaccount:d:web',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:d', 'system:authenticated'],
      },
      constraint: 'impersonate:serviceaccount',
    })
    expect(await act(['Impersonate-User', 'system:node:n1'])).toEqual({
      user: { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
      constraint: 'impersonate:arbitrary-node',
    })
    expect(await act(['Impersonate-User', 'system:node:n1', 'Impersonate-Group', 'x'])).toContain(
      'cannot impersonate resource "users"',
    )
  })

  it('a pod of a service account acts as its own node, once for all nodes', async () => {
    rules = new Set(['impersonate-on:associated-node:list pods', 'impersonate:associated-node nodes *'])
    const agent = (node: string): UserInfo => ({
      name: 'system:serviceaccount:d:agent',
      groups: [],
      extra: { 'authentication.kubernetes.io/node-name': [node] },
    })
    const asNode = (node: string): string[] => ['Impersonate-User', `system:node:${node}`]
    expect(await act(asNode('n1'), { caller: agent('n1') })).toMatchObject({
      user: { name: 'system:node:n1' },
      constraint: 'impersonate:associated-node',
    })
    asked = []
    expect(await act(asNode('n2'), { caller: agent('n2') })).toMatchObject({
      user: { name: 'system:node:n2' },
    })
    expect(asked).toEqual([])
    expect(await act(asNode('n1'), { caller: agent('n2') })).toContain('impersonate-on:arbitrary-node:list')
  })
})

it('is counted by mode', async () => {
  rules.add('impersonate users')
  await act(asBob)
  const text = await registry.print()
  expect(text).toMatch(/apiserver_impersonation_attempts_total\{decision="allowed",mode="legacy"\} \d/)
  expect(text).toMatch(
    /apiserver_impersonation_authorization_attempts_total\{decision="denied",mode="user-info"\} \d/,
  )
})
