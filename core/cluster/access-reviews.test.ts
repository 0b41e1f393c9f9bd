import { describe, expect, it } from 'vitest'
import type { SelfSubjectReview, TokenReview } from '../api/generated/authentication-v1.ts'
import type {
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../api/generated/authorization-v1.ts'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { refusal } from './testing/refusal.ts'
import { waitFor } from './testing/wait-for.ts'
import { useAccessControl } from './testing/use-access-control.ts'

function review<T extends KubeObject>(group: string, resource: string, kind: string): Resource<T> {
  return { group: `${group}.k8s.io`, version: 'v1', resource, kind, namespaced: kind.startsWith('Local') }
}

const accessReviews = review<SubjectAccessReview>(
  'authorization',
  'subjectaccessreviews',
  'SubjectAccessReview',
)

const localReviews = review<SubjectAccessReview>(
  'authorization',
  'localsubjectaccessreviews',
  'LocalSubjectAccessReview',
)

const selfReviews = review<SelfSubjectAccessReview>(
  'authorization',
  'selfsubjectaccessreviews',
  'SelfSubjectAccessReview',
)

const rulesReviews = review<SelfSubjectRulesReview>(
  'authorization',
  'selfsubjectrulesreviews',
  'SelfSubjectRulesReview',
)

const whoAmI = review<SelfSubjectReview>('authentication', 'selfsubjectreviews', 'SelfSubjectReview')

const tokenReviews = review<TokenReview>('authentication', 'tokenreviews', 'TokenReview')

const metadata = { name: '' }

describe('access control of a control plane', () => {
  const under = useAccessControl()
  const { login, loginWith } = under

  describe('answers reviews', () => {
    it('about oneself', async () => {
      const eve = await login('eve')
      const ask = async (verb: string, resource: string): Promise<unknown> => {
        const spec = { resourceAttributes: { verb, resource, namespace: 'default' } }
        return (await eve.create(selfReviews, { metadata, spec })).status
      }
      expect(await ask('list', 'pods')).toEqual({ allowed: false })
      const spec = { nonResourceAttributes: { verb: 'get', path: '/api/v1' } }
      expect((await eve.create(selfReviews, { metadata, spec })).status).toEqual({
        allowed: true,
        reason:
          'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
      })
      expect(await refusal(eve.create(selfReviews, { metadata, spec: {} }))).toBe(
        '422 .authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: ' +
          'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      )
      const me = await eve.create(whoAmI, { metadata })
      expect(me.status?.userInfo).toMatchObject({ username: 'eve', groups: ['system:authenticated'] })
      expect(me.status?.userInfo?.extra).toEqual({
        'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)],
      })
    })

    it('about others, for those who may ask', async () => {
      const spec = {
        user: 'x',
        groups: ['system:masters'],
        resourceAttributes: { verb: 'get', resource: 'pods' },
      }
      expect((await under.admin.create(accessReviews, { metadata, spec })).status).toEqual({ allowed: true })
      const eve = await login('eve')
      expect(await refusal(eve.create(accessReviews, { metadata, spec }))).toContain(
        'cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
      )
      const local = { metadata: { name: '', namespace: 'nowhere' }, spec }
      expect(await refusal(under.admin.create(localReviews, local))).toBe(
        '422 .authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: ' +
          'Invalid value: "": must match metadata.namespace',
      )
    })

    const rulesOf = async (user: Client): Promise<SelfSubjectRulesReview['status']> =>
      (await user.create(rulesReviews, { metadata, spec: { namespace: 'kube-public' } })).status

    it('with all rules in a namespace', async () => {
      await under.admin.create(resources.roleBindings, {
        metadata: { name: 'to-nothing', namespace: 'kube-public' },
        roleRef: { kind: 'ClusterRole', name: 'z' },
        subjects: [{ kind: 'User', name: 'eve' }],
      })
      const eve = await login('eve')
      await waitFor(async () => (await rulesOf(eve))?.evaluationError)
      const status = await rulesOf(eve)
      expect(status).toMatchObject({
        incomplete: false,
        evaluationError: 'clusterrole.rbac.authorization.k8s.io "z" not found',
      })
      expect(status?.resourceRules).toContainEqual({
        verbs: ['create'],
        apiGroups: ['authentication.k8s.io'],
        resources: ['selfsubjectreviews'],
      })
      expect(await refusal(eve.create(rulesReviews, { metadata, spec: {} }))).toBe(
        '400 no namespace on request',
      )
    })

    it('about tokens', async () => {
      const ref = { name: 'web-sa', namespace: 'default' }
      const { metadata: account } = await under.admin.create(resources.serviceAccounts, { metadata: ref })
      const issue = async (audiences?: string[]): Promise<string> => {
        const body = { metadata, spec: { audiences } }
        const made = await under.admin.createSubresource<KubeObject & { status: { token: string } }>(
          resources.serviceAccounts,
          { ...ref, subresource: 'token' },
          body,
        )
        return made.status.token
      }
      const judge = async (token: string, audiences?: string[]): Promise<TokenReview['status']> =>
        (
          await under.admin.create(tokenReviews, {
            metadata,
            spec: { token, ...(audiences ? { audiences } : {}) },
          })
        ).status
      const own = await issue()
      expect(await judge(own)).toMatchObject({
        authenticated: true,
        user: {
          username: 'system:serviceaccount:default:web-sa',
          uid: account.uid,
          groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        },
      })
      expect(await judge(await issue(['vault']))).toEqual({ error: 'invalid bearer token', user: {} })
      expect(await judge(await issue(['vault']), ['vault', 'other'])).toMatchObject({ audiences: ['vault'] })
      expect(await judge('nonsense')).toEqual({ error: 'invalid bearer token', user: {} })
      const pod = loginWith({ token: () => own })
      expect(await refusal(pod.list(resources.secrets, { namespace: 'default' }))).toContain(
        'User "system:serviceaccount:default:web-sa" cannot list resource "secrets"',
      )
    })

    it('and stores nothing', async () => {
      const eve = await login('system:reader', 'system:masters')
      expect(await refusal(eve.list(selfReviews, {}))).toMatch(/^405 /)
      expect(under.plane.resources().map(({ kind }) => kind)).not.toContain('TokenReview')
    })
  })
})
