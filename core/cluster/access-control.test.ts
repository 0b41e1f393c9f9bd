import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SelfSubjectReview, TokenReview } from '../api/generated/authentication-v1.ts'
import type {
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../api/generated/authorization-v1.ts'
import type { ClusterRole, PolicyRule } from '../api/generated/rbac-v1.ts'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { createClient, type Client } from '../client/client.ts'
import { createHttpsTransport } from '../client/https-transport.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { createClusterRoleAggregationController } from '../controllers/clusterrole-aggregation/clusterrole-aggregation.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { ensureBootstrapObjects } from './bootstrap-objects.ts'
import { openControlPlane, type ControlPlane } from './control-plane.ts'
import { waitFor } from './testing/wait-for.ts'
import { refusal } from './testing/refusal.ts'

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
  let directory: string
  let plane: ControlPlane
  let admin: Client
  let port: number
  let undo: DisposableStack

  async function open(): Promise<void> {
    plane = await openControlPlane({
      dataDirectory: directory,
      nodeBackends: () => undefined,
      clock: systemClock,
      log: silentLogger,
    })
    admin = plane.clientFor('admin')
    await ensureBootstrapObjects(admin.transport)
    await plane.startAccessControl()
    ;({ port } = await plane.server.listen('127.0.0.1', 0))
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'access-'))
    undo = new DisposableStack()
    await open()
  })
  afterAll(async () => {
    undo.dispose()
    await plane.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** A client over HTTPS with a certificate for the user. */
  async function login(commonName: string, ...organizations: string[]): Promise<Client> {
    const { certificate, key } = await plane.pki.issueClient({ commonName, organizations })
    return loginWith({ cert: certificate, key })
  }
  function loginWith(credentials: { cert: string; key: string } | { token: () => string }): Client {
    const server = `https://127.0.0.1:${port}`
    const transport = createHttpsTransport({ server, ca: plane.pki.ca.certificate, ...credentials })
    return createClient(undo.use(transport))
  }

  async function grant(user: string, namespace: string, rules: PolicyRule[]): Promise<void> {
    const name = `${user}-role`
    await admin.create(resources.roles, { metadata: { name, namespace }, rules })
    await admin.create(resources.roleBindings, {
      metadata: { name, namespace },
      roleRef: { kind: 'Role', name },
      subjects: [{ kind: 'User', name: user }],
    })
  }

  it('refuses in upstream’s words what no role allows', async () => {
    const eve = await login('eve')
    expect(await refusal(eve.list(resources.pods, { namespace: 'default' }))).toBe(
      '403 pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"',
    )
    expect(await refusal(eve.get(resources.nodes, { name: 'n' }))).toBe(
      '403 nodes "n" is forbidden: User "eve" cannot get resource "nodes" in API group "" at the cluster scope',
    )
    await admin.create(resources.roleBindings, {
      metadata: { name: 'eve', namespace: 'kube-public' },
      roleRef: { kind: 'ClusterRole', name: 'z' },
      subjects: [{ kind: 'User', name: 'eve' }],
    })
    const message = await waitFor(async () => {
      const text = await refusal(eve.list(resources.pods, { namespace: 'kube-public' }))
      return text.includes('RBAC') && text
    })
    expect(message).toBe(
      '403 pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "kube-public": ' +
        'RBAC: clusterrole.rbac.authorization.k8s.io "z" not found',
    )
  })

  it('allows what a role allows, from when it is bound until it is not', async () => {
    const bob = await login('bob')
    await grant('bob', 'default', [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }])
    const list = (): Promise<string> => refusal(bob.list(resources.pods, { namespace: 'default' }))
    await waitFor(async () => (await list()) === 'allowed')
    expect(await refusal(bob.list(resources.pods, {}))).toContain('at the cluster scope')
    await admin.delete(resources.roleBindings, { name: 'bob-role', namespace: 'default' })
    await waitFor(async () => (await list()).startsWith('403'))
  })

  it('asks for `create` where an apply or update creates', async () => {
    const nia = await login('nia')
    await grant('nia', 'default', [
      {
        verbs: ['patch', 'update'],
        apiGroups: ['', 'coordination.k8s.io'],
        resources: ['configmaps', 'leases'],
      },
    ])
    const ref = { name: 'made', namespace: 'default' }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data: { a: '1' } }
    const apply = (): Promise<string> =>
      refusal(nia.patch(resources.configMaps, ref, { type: 'apply', fieldManager: 'nia', body }))
    await waitFor(async () => (await apply()).includes('cannot create'))
    expect(await apply()).toBe(
      '403 configmaps "made" is forbidden: User "nia" cannot create resource "configmaps" in API group "" in the namespace "default"',
    )
    expect(await refusal(nia.update(resources.leases, { metadata: ref, spec: {} }))).toContain(
      'cannot create',
    )
    await admin.create(resources.configMaps, { metadata: ref })
    expect(await apply()).toBe('allowed')
  })

  it('asks for `create` where a WebSocket does what a POST does', async () => {
    const { certificate: cert, key } = await plane.pki.issueClient({ commonName: 'ws', organizations: [] })
    await grant('ws', 'default', [{ verbs: ['get'], apiGroups: [''], resources: ['pods/exec'] }])
    const open = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const opening = request({
          ...{ host: '127.0.0.1', port, ca: plane.pki.ca.certificate, cert, key },
          path: '/api/v1/namespaces/default/pods/p/exec?command=id',
          headers: {
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
            'sec-websocket-protocol': 'v5.channel.k8s.io',
          },
        })
        opening.on('error', reject)
        opening.on('response', (response) => {
          response.setEncoding('utf8')
          let text = ''
          response.on('data', (chunk: string) => (text += chunk))
          response.on('end', () => resolve((JSON.parse(text) as { message: string }).message))
        })
        opening.end()
      })
    const message = await waitFor(async () => {
      const text = await open()
      return text.includes('cannot create') && text
    })
    expect(message).toBe(
      'pods "p" is forbidden: User "ws" cannot create resource "pods/exec" in API group "" in the namespace "default"',
    )
  })

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
        { verbs: ['bind'], apiGroups: [group], resources: ['clusterroles'], resourceNames: ['view'] },
        readPods,
      ])
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
      expect(await bind('ClusterRole', 'view')).toBe('allowed')
      expect(await bind('ClusterRole', 'cluster-admin')).toContain('{NonResourceURLs:["*"], Verbs:["*"]}')
      expect(await bind('ClusterRole', 'nothing')).toBe(
        '404 clusterrole.rbac.authorization.k8s.io "nothing" not found',
      )
    })

    it('and lets those who may escalate', async () => {
      await admin.patch(
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
      await admin.create(resources.clusterRoles, {
        metadata: { name },
        rules: [{ ...rule, verbs: ['create', 'update'] }],
      })
      await admin.create(resources.clusterRoleBindings, {
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

  it('sums up roles that are labelled for it', async () => {
    const informers = undo.use(
      createInformerFactory({ client: admin, clock: systemClock, log: silentLogger }),
    )
    informers.start()
    const controller = createClusterRoleAggregationController({
      client: admin,
      informers,
      clock: systemClock,
      log: silentLogger,
      recorder: () => {
        throw new Error('aggregation records no events')
      },
    })
    await controller.start()
    const rulesOf = async (name: string): Promise<PolicyRule[]> =>
      (await admin.get(resources.clusterRoles, { name })).rules ?? []
    const covers = (rules: PolicyRule[], resource: string): boolean =>
      rules.some((rule) => rule.resources?.includes(resource) === true)
    try {
      await waitFor(async () => covers(await rulesOf('admin'), 'roles'))
      await waitFor(async () => covers(await rulesOf('admin'), 'pods/log'))
      expect(covers(await rulesOf('view'), 'secrets')).toBe(false)
      const crontabs = { verbs: ['get'], apiGroups: ['stable.example.com'], resources: ['crontabs'] }
      const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
      await admin.create(resources.clusterRoles, {
        metadata: { name: 'crontabs', labels },
        rules: [crontabs],
      })
      await waitFor(async () => covers(await rulesOf('admin'), 'crontabs'))
      await admin.delete(resources.clusterRoles, { name: 'crontabs' })
      await waitFor(async () => !covers(await rulesOf('admin'), 'crontabs'))
    } finally {
      await controller.stop()
    }
  })

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
      expect((await admin.create(accessReviews, { metadata, spec })).status).toEqual({ allowed: true })
      const eve = await login('eve')
      expect(await refusal(eve.create(accessReviews, { metadata, spec }))).toContain(
        'cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
      )
      const local = { metadata: { name: '', namespace: 'nowhere' }, spec }
      expect(await refusal(admin.create(localReviews, local))).toBe(
        '422 .authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: ' +
          'Invalid value: "": must match metadata.namespace',
      )
    })

    it('with all rules in a namespace', async () => {
      const eve = await login('eve')
      const { status } = await eve.create(rulesReviews, { metadata, spec: { namespace: 'kube-public' } })
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
      const { metadata: account } = await admin.create(resources.serviceAccounts, { metadata: ref })
      const issue = async (audiences?: string[]): Promise<string> => {
        const body = { metadata, spec: { audiences } }
        const made = await admin.createSubresource<KubeObject & { status: { token: string } }>(
          resources.serviceAccounts,
          { ...ref, subresource: 'token' },
          body,
        )
        return made.status.token
      }
      const judge = async (token: string, audiences?: string[]): Promise<TokenReview['status']> =>
        (await admin.create(tokenReviews, { metadata, spec: { token, ...(audiences ? { audiences } : {}) } }))
          .status
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
      expect(plane.resources().map(({ kind }) => kind)).not.toContain('TokenReview')
    })
  })

  it('brings the default roles back at the next start, but not what is marked to stay', async () => {
    const drop = async (name: string, autoupdate: string): Promise<void> => {
      const role = await admin.get(resources.clusterRoles, { name })
      const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': autoupdate }
      await admin.update(resources.clusterRoles, {
        ...role,
        metadata: { ...role.metadata, annotations },
        rules: [],
      })
    }
    await drop('system:discovery', 'true')
    await drop('system:heapster', 'false')
    await admin.delete(resources.clusterRoleBindings, { name: 'system:basic-user' })
    await plane.close()
    await open()
    const rules = async (name: string): Promise<number> =>
      (await admin.get(resources.clusterRoles, { name })).rules?.length ?? 0
    expect(await rules('system:discovery')).toBeGreaterThan(0)
    expect(await rules('system:heapster')).toBe(0)
    const binding = await admin.get(resources.clusterRoleBindings, { name: 'system:basic-user' })
    expect(binding).toMatchObject({
      metadata: {
        labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
        annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      },
      subjects: [{ kind: 'Group', name: 'system:authenticated' }],
    })
    const before = plane.store.revision
    await plane.close()
    await open()
    expect(plane.store.revision).toBe(before)
  })
})
