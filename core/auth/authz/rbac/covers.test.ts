import { describe, expect, it } from 'vitest'
import type { PolicyRule } from '../../../api/generated/rbac-v1.ts'
import { uncovered } from './covers.ts'
import { describeRules } from './describe-rules.ts'

const rule = (verbs: string[], resources: string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  verbs,
  apiGroups: [''],
  resources,
  ...more,
})

describe('uncovered', () => {
  it.each<[string, PolicyRule[], PolicyRule[], string[]]>([
    ['nothing wanted', [], [rule([], ['pods'])], []],
    ['the same', [rule(['get'], ['pods'])], [rule(['get'], ['pods'])], []],
    [
      'parts of several rules',
      [rule(['get'], ['pods']), rule(['list'], ['pods'])],
      [rule(['get', 'list'], ['pods'])],
      [],
    ],
    [
      'a missing verb',
      [rule(['get'], ['pods'])],
      [rule(['get', 'delete', 'patch'], ['pods'])],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["delete" "patch"]}'],
    ],
    [
      'everything',
      [rule(['*'], ['*'], { apiGroups: ['*'] })],
      [rule(['x'], ['y/z'], { apiGroups: ['a'] })],
      [],
    ],
    [
      'a star is only covered by a star',
      [rule(['get', 'list'], ['pods'])],
      [rule(['*'], ['pods'])],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ],
    ['subresources by pattern', [rule(['get'], ['*/log'])], [rule(['get'], ['pods/log'])], []],
    [
      'but not resources',
      [rule(['get'], ['*/log'])],
      [rule(['get'], ['log'])],
      ['{APIGroups:[""], Resources:["log"], Verbs:["get"]}'],
    ],
    [
      'named by unnamed, not the other way',
      [rule(['get'], ['pods'], { resourceNames: ['a', 'b'] }), rule(['get'], ['services'])],
      [rule(['get'], ['pods']), rule(['get'], ['pods', 'services'], { resourceNames: ['a'] })],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    [
      'names one by one',
      [rule(['get'], ['pods'], { resourceNames: ['a'] })],
      [rule(['get'], ['pods'], { resourceNames: ['a', 'b'] })],
      ['{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}'],
    ],
    [
      'paths',
      [{ verbs: ['get'], nonResourceURLs: ['/healthz/*', '/a'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/healthz/ping', '/a', '/b'] }],
      ['{NonResourceURLs:["/b"], Verbs:["get"]}'],
    ],
  ])('%s', (_name, held, wanted, missing) => {
    expect(describeRules(uncovered(held, wanted))).toEqual(missing)
  })
})
