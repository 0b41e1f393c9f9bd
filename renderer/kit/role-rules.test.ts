import { describe, expect, it } from 'vitest'
import type { RoleBinding, Subject } from '../../core/api/generated/rbac-v1.ts'
import { allows, bindingsFor, bindingsOf, otherVerbs, rightsOf, ruleRows } from './role-rules.ts'

function binding(name: string, roleRef: [kind: string, name: string], subjects: Subject[] = []): RoleBinding {
  const [kind, role] = roleRef
  return { metadata: { namespace: 'shop', name }, roleRef: { kind, name: role }, subjects }
}

describe('the matrix of a role', () => {
  it('has a line per resource and group, subresources with their kind, and joins what is said twice', () => {
    const rows = ruleRows([
      { apiGroups: ['', 'apps'], resources: ['pods', 'deployments/scale'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'get', 'deletecollection'] },
      { apiGroups: [''], resources: ['pods'], resourceNames: ['web'], verbs: ['delete'] },
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ])
    expect(rows.map(({ target, names, verbs }) => [target, names.join(), verbs.join()])).toEqual([
      ['deployments.apps/scale', '', 'get'],
      ['deployments/scale', '', 'get'],
      ['pods', '', 'get,list,deletecollection'],
      ['pods', 'web', 'delete'],
      ['pods.apps', '', 'get'],
      ['/metrics', '', 'get'],
    ])
    expect(otherVerbs(rows[2]!)).toEqual(['deletecollection'])
  })

  it('reads * as every verb', () => {
    const [row] = ruleRows([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }])
    expect([row!.target, allows(row!, 'watch'), otherVerbs(row!)]).toEqual(['*.*', true, []])
  })
})

describe('who has a role', () => {
  const all = [binding('a', ['Role', 'reader']), binding('b', ['ClusterRole', 'reader'])]
  it('is told by kind, and for a Role by its namespace', () => {
    const of = (kind: string, namespace?: string): string[] =>
      bindingsOf(all, { kind, namespace, name: 'reader' }).map(({ metadata }) => metadata.name)
    expect([of('Role', 'shop'), of('Role', 'other'), of('ClusterRole')]).toEqual([['a'], [], ['b']])
  })

  it.each([
    [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }, true],
    [{ kind: 'ServiceAccount', name: 'web' }, true],
    [{ kind: 'ServiceAccount', name: 'web', namespace: 'other' }, false],
    [{ kind: 'User', name: 'system:serviceaccount:shop:web' }, true],
    [{ kind: 'Group', name: 'system:serviceaccounts:shop' }, true],
    [{ kind: 'Group', name: 'system:serviceaccounts:other' }, false],
    [{ kind: 'User', name: 'web' }, false],
  ])('%j means the service account shop/web: %s', (subject, expected) => {
    const found = bindingsFor([binding('a', ['Role', 'r'], [subject])], { namespace: 'shop', name: 'web' })
    expect(found.length > 0).toBe(expected)
  })
})

describe('what bindings come to', () => {
  const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
  const one = { apiGroups: [''], resources: ['secrets'], resourceNames: ['door'], verbs: ['get'] }
  const health = { nonResourceURLs: ['/healthz'], verbs: ['get'] }
  const roles = [
    { metadata: { name: 'reader' }, rules: [pods, health] },
    { metadata: { name: 'reader', namespace: 'shop' }, rules: [one] },
    { metadata: { name: 'reader', namespace: 'other' }, rules: [{ ...pods, verbs: ['*'] }] },
  ]
  const everywhere = { metadata: { name: 'c' }, roleRef: { kind: 'ClusterRole', name: 'reader' } }

  it('is told by place: a ClusterRole that a RoleBinding gives holds there alone, and gives no paths', () => {
    const given = [binding('a', ['ClusterRole', 'reader']), binding('b', ['Role', 'reader'])]
    expect(rightsOf(given, roles)).toEqual([{ namespace: 'shop', rules: [pods, one] }])
    expect(rightsOf([...given, everywhere], roles)).toEqual([
      { namespace: undefined, rules: [pods, health] },
      { namespace: 'shop', rules: [pods, one] },
    ])
  })

  it('is nothing where the role does not exist', () => {
    expect(rightsOf([binding('a', ['Role', 'gone'])], roles)).toEqual([])
  })
})
