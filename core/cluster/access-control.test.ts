import { request } from 'node:https'
import { describe, expect, it } from 'vitest'
import type { PolicyRule } from '../api/generated/rbac-v1.ts'
import { resources } from '../api/resources.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { createClusterRoleAggregationController } from '../controllers/clusterrole-aggregation/clusterrole-aggregation.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { waitFor } from './testing/wait-for.ts'
import { refusal } from './testing/refusal.ts'
import { useAccessControl } from './testing/use-access-control.ts'

describe('access control of a control plane', () => {
  const under = useAccessControl()
  const { open, login, grant } = under

  it('refuses in upstream’s words what no role allows', async () => {
    const eve = await login('eve')
    expect(await refusal(eve.list(resources.pods, { namespace: 'default' }))).toBe(
      '403 pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"',
    )
    expect(await refusal(eve.get(resources.nodes, { name: 'n' }))).toBe(
      '403 nodes "n" is forbidden: User "eve" cannot get resource "nodes" in API group "" at the cluster scope',
    )
    await under.admin.create(resources.roleBindings, {
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
    await under.admin.delete(resources.roleBindings, { name: 'bob-role', namespace: 'default' })
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
    await under.admin.create(resources.configMaps, { metadata: ref })
    expect(await apply()).toBe('allowed')
  })

  it('asks for `create` where a WebSocket does what a POST does', async () => {
    const { certificate: cert, key } = await under.plane.pki.issueClient({
      commonName: 'ws',
      organizations: [],
    })
    await grant('ws', 'default', [{ verbs: ['get'], apiGroups: [''], resources: ['pods/exec'] }])
    const open = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const opening = request({
          ...{ host: '127.0.0.1', port: under.port, ca: under.plane.pki.ca.certificate, cert, key },
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

  it('sums up roles that are labelled for it', async () => {
    const informers = under.undo.use(
      createInformerFactory({ client: under.admin, clock: systemClock, log: silentLogger }),
    )
    informers.start()
    const controller = createClusterRoleAggregationController({
      client: under.admin,
      informers,
      clock: systemClock,
      log: silentLogger,
      recorder: () => {
        throw new Error('aggregation records no events')
      },
    })
    await controller.start()
    const rulesOf = async (name: string): Promise<PolicyRule[]> =>
      (await under.admin.get(resources.clusterRoles, { name })).rules ?? []
    const covers = (rules: PolicyRule[], resource: string): boolean =>
      rules.some((rule) => rule.resources?.includes(resource) === true)
    try {
      await waitFor(async () => covers(await rulesOf('admin'), 'roles'))
      await waitFor(async () => covers(await rulesOf('admin'), 'pods/log'))
      expect(covers(await rulesOf('view'), 'secrets')).toBe(false)
      const crontabs = { verbs: ['get'], apiGroups: ['stable.example.com'], resources: ['crontabs'] }
      const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
      await under.admin.create(resources.clusterRoles, {
        metadata: { name: 'crontabs', labels },
        rules: [crontabs],
      })
      await waitFor(async () => covers(await rulesOf('admin'), 'crontabs'))
      await under.admin.delete(resources.clusterRoles, { name: 'crontabs' })
      await waitFor(async () => !covers(await rulesOf('admin'), 'crontabs'))
    } finally {
      await controller.stop()
    }
  })

  it('brings the default roles back at the next start, but not what is marked to stay', async () => {
    const drop = async (name: string, autoupdate: string): Promise<void> => {
      const role = await under.admin.get(resources.clusterRoles, { name })
      const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': autoupdate }
      await under.admin.update(resources.clusterRoles, {
        ...role,
        metadata: { ...role.metadata, annotations },
        rules: [],
      })
    }
    await drop('system:discovery', 'true')
    await drop('system:heapster', 'false')
    await under.admin.delete(resources.clusterRoleBindings, { name: 'system:basic-user' })
    await under.plane.close()
    await open()
    const rules = async (name: string): Promise<number> =>
      (await under.admin.get(resources.clusterRoles, { name })).rules?.length ?? 0
    expect(await rules('system:discovery')).toBeGreaterThan(0)
    expect(await rules('system:heapster')).toBe(0)
    const binding = await under.admin.get(resources.clusterRoleBindings, { name: 'system:basic-user' })
    expect(binding).toMatchObject({
      metadata: {
        labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
        annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      },
      subjects: [{ kind: 'Group', name: 'system:authenticated' }],
    })
    const versions = async (): Promise<unknown[]> => {
      const { items: roles } = await under.admin.list(resources.clusterRoles)
      const { items: bindings } = await under.admin.list(resources.clusterRoleBindings)
      return [...roles, ...bindings].map(({ metadata }) => [metadata.name, metadata.resourceVersion])
    }
    const before = await versions()
    await under.plane.close()
    await open()
    expect(await versions()).toEqual(before)
  })
})
