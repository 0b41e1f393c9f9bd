import { describe, expect, it } from 'vitest'
import type { ResourcePolicyRule, Subject } from '../../api/generated/flowcontrol-v1.ts'
import type { UserInfo } from '../../api/request.ts'
import type { RequestInfo } from '../request-info.ts'
import { compileFlowSchema } from './flow-matcher.ts'

const everybody: Subject = { kind: 'Group', group: { name: '*' } }
const user = (name: string, ...groups: string[]): UserInfo => ({ name, uid: '', groups, extra: {} })
const read = (more: Partial<RequestInfo>): RequestInfo =>
  ({
    isResourceRequest: true,
    verb: 'get',
    apiGroup: '',
    resource: 'pods',
    subresource: '',
    namespace: 'default',
    ...more,
  }) as RequestInfo

function test(subject: Subject, rule: Partial<ResourcePolicyRule> = {}) {
  const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }
  const rules = [{ subjects: [subject], resourceRules: [{ ...all, ...rule }] }]
  const priorityLevelConfiguration = { name: 'level' }
  return compileFlowSchema({ metadata: { name: 's' }, spec: { priorityLevelConfiguration, rules } })
}

describe('a flow schema', () => {
  it('tells a resource from its subresources', () => {
    const [log, pod] = [read({ subresource: 'log' }), read({})]
    const matches = (resources: string[]): boolean[] => {
      const schema = test(everybody, { resources })
      return [pod, log].map((info) => schema(user('ann'), info))
    }
    expect(matches(['pods'])).toEqual([true, false])
    expect(matches(['pods/log'])).toEqual([false, true])
    expect(matches(['pods', 'pods/log'])).toEqual([true, true])
    expect(matches(['*'])).toEqual([true, true])
  })

  it('is about namespaces it names, and about none only as it says', () => {
    const cluster = read({ resource: 'nodes', namespace: '' })
    const matches = (rule: Partial<ResourcePolicyRule>): boolean[] =>
      [read({}), read({ namespace: 'other' }), cluster].map((info) =>
        test(everybody, rule)(user('ann'), info),
      )
    expect(matches({ namespaces: ['default'] })).toEqual([true, false, false])
    expect(matches({ namespaces: ['*'] })).toEqual([true, true, false])
    expect(matches({ namespaces: [], clusterScope: true })).toEqual([false, false, true])
  })

  it.each<[string, Subject, boolean[]]>([
    ['a user', { kind: 'User', user: { name: 'ann' } }, [true, false, false]],
    ['every user', { kind: 'User', user: { name: '*' } }, [true, true, true]],
    ['a group', { kind: 'Group', group: { name: 'ops' } }, [true, false, false]],
    [
      'a service account',
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'default', name: 'job' } },
      [false, true, false],
    ],
    [
      'the service accounts of a namespace',
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'default', name: '*' } },
      [false, true, false],
    ],
    [
      'those of another one',
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'def', name: '*' } },
      [false, false, false],
    ],
    ['nobody', { kind: 'User', group: { name: '*' } }, [false, false, false]],
  ])('is for its subjects: %s', (_what, subject, expected) => {
    const users = [user('ann', 'ops'), user('system:serviceaccount:default:job'), user('bob', 'dev')]
    expect(users.map((one) => test(subject)(one, read({})))).toEqual(expected)
  })
})
