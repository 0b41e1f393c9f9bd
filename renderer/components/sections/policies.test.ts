import { afterEach, describe, expect, it } from 'vitest'
import { NMessageProvider } from 'naive-ui'
import { h, type Component } from 'vue'
import type { CustomResourceDefinition } from '../../../core/api/generated/apiextensions-v1.ts'
import type { LimitRange, ResourceQuota } from '../../../core/api/generated/core-v1.ts'
import type { Ingress, NetworkPolicy } from '../../../core/api/generated/networking-v1.ts'
import type { PodDisruptionBudget } from '../../../core/api/generated/policy-v1.ts'
import type { Role } from '../../../core/api/generated/rbac-v1.ts'
import { mountPart, type Mounted, type MountOptions } from '../../testing/mount.ts'
import BudgetState from './BudgetState.vue'
import DefinitionVersions from './DefinitionVersions.vue'
import IngressRoutes from './IngressRoutes.vue'
import LimitRules from './LimitRules.vue'
import PolicyTraffic from './PolicyTraffic.vue'
import QuotaBars from './QuotaBars.vue'
import RoleHolders from './RoleHolders.vue'
import RoleRules from './RoleRules.vue'

let mounted: Mounted | undefined
afterEach(() => mounted?.unmount())

async function show(component: Component, object: object, options: MountOptions = {}): Promise<string> {
  mounted = await mountPart(component, { props: { object }, ...options })
  return mounted.text()
}
/** For parts that say something when a button is pressed, as the shell lets them. */
function withMessages(component: Component): Component {
  return (props: object) => h(NMessageProvider, null, () => h(component, props))
}
const metadata = { name: 'x', namespace: 'shop' }

describe('sections that say what a kind is for', () => {
  it('a quota: how full each line is', async () => {
    const quota: ResourceQuota = {
      metadata,
      spec: { hard: { pods: '4' }, scopes: ['NotTerminating'] },
      status: { hard: { pods: '4' }, used: { pods: '3' } },
    }
    expect(await show(QuotaBars, quota)).toContain('3 of 4')
    expect(mounted!.element.querySelector('[role=meter]')?.getAttribute('aria-valuenow')).toBe('75')
    expect(mounted!.text()).toContain('Counts only: NotTerminating')
  })

  it('an ingress: a link per path, or how to ask for a host', async () => {
    const backend = { service: { name: 'web', port: { number: 80 } } }
    const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
    const ingress: Ingress = {
      metadata,
      spec: {
        rules: [
          { host: 'shop.localhost', http },
          { host: 'api.example.com', http },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '127.0.0.1', ports: [{ port: 8080, protocol: 'TCP' }] }] } },
    }
    await show(withMessages(IngressRoutes), ingress)
    const link = mounted!.element.querySelector('a[target=_blank]')
    expect(link?.getAttribute('href')).toBe('http://shop.localhost:8080/')
    expect(mounted!.text()).toContain("curl -H 'Host: api.example.com' http://127.0.0.1:8080/")
    expect(await show(withMessages(IngressRoutes), { ...ingress, status: {} })).toContain(
      'Nobody serves this Ingress yet',
    )
  })

  it('a limit range: a line per resource', async () => {
    const range: LimitRange = {
      metadata,
      spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, max: { memory: '1Gi' } }] },
    }
    await show(LimitRules, range)
    const cells = [...mounted!.element.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent),
    )
    expect(cells).toEqual([
      ['Container', 'cpu', '–', '0.5', '–', '–', '–'],
      ['Container', 'memory', '–', '–', '–', '1.0 GiB', '–'],
    ])
  })

  it.each([
    [
      { disruptionsAllowed: 1, expectedPods: 3, currentHealthy: 3, desiredHealthy: 2 },
      '1 pod may be evicted now.',
    ],
    [
      { disruptionsAllowed: 0, expectedPods: 3, currentHealthy: 2, desiredHealthy: 2 },
      'No pod may be evicted now',
    ],
    [{ disruptionsAllowed: 0, expectedPods: 0 }, 'No pod matches'],
  ])('a budget: %j', async (status, words) => {
    const budget: PodDisruptionBudget = { metadata, spec: { minAvailable: 2 }, status }
    expect(await show(BudgetState, budget)).toContain(words)
  })

  it('a network policy: nobody in, anyone out', async () => {
    const policy: NetworkPolicy = { metadata, spec: { podSelector: {}, policyTypes: ['Ingress'] } }
    const text = await show(PolicyTraffic, policy)
    expect(text).toMatch(/May reach these pods ?nobody/)
    expect(text).toMatch(/These pods may reach ?anyone; no policy bounds it/)
    expect(text).toContain('every pod of the namespace')
  })

  it('a network policy, in Korean', async () => {
    const policy: NetworkPolicy = {
      metadata,
      spec: {
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 80 }] }],
      },
    }
    expect(await show(PolicyTraffic, policy, { language: 'ko' })).toMatch(
      /이 네임스페이스의 파드 app=web.*TCP 80/,
    )
  })

  it('a role: a matrix of verbs, and who has it', async () => {
    const role: Role = {
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    }
    await show(RoleRules, role)
    const marks = [...mounted!.element.querySelectorAll('tbody tr td.verb')].map((cell) =>
      cell.querySelector('[aria-label]')?.getAttribute('aria-label'),
    )
    expect(marks.filter((mark) => mark === 'allowed')).toHaveLength(2)
    mounted!.unmount()
    const path = '/apis/rbac.authorization.k8s.io/v1'
    const bindings = {
      metadata: {},
      items: [
        {
          metadata: { ...metadata, name: 'readers', uid: '1' },
          roleRef: { kind: 'Role', name: 'x' },
          subjects: [{ kind: 'Group', name: 'developers' }],
        },
      ],
    }
    const answers = {
      [`${path}/namespaces/shop/rolebindings`]: bindings,
      [`${path}/clusterrolebindings`]: { metadata: {}, items: [] },
    }
    expect(await show(RoleHolders, role, { answers })).toMatch(/Group ?developers.*shop.*readers/)
  })

  it('a role whose bindings may not be seen', async () => {
    const refused = Response.json(
      { kind: 'Status', code: 403, message: 'forbidden: bindings' },
      { status: 403 },
    )
    const path = '/apis/rbac.authorization.k8s.io/v1'
    const answers = {
      [`${path}/clusterrolebindings`]: refused,
      [`${path}/namespaces/shop/rolebindings`]: refused,
    }
    expect(await show(RoleHolders, { kind: 'Role', metadata }, { answers })).toContain('forbidden: bindings')
  })

  it('a definition: its versions, and that its objects cannot be had yet', async () => {
    const definition: CustomResourceDefinition = {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names: { kind: 'Widget', plural: 'widgets' },
        scope: 'Namespaced',
        versions: [
          { name: 'v1', served: true, storage: true },
          { name: 'v1beta1', served: true, storage: false, deprecated: true },
          { name: 'v1alpha1', served: false, storage: false },
        ],
      },
      status: { storedVersions: ['v1beta1', 'v1'] },
    }
    const text = await show(DefinitionVersions, definition)
    expect(text).toContain('not served yet')
    expect(text).toMatch(
      /v1 stored ?served.*v1beta1 some objects are still stored so ?deprecated.*v1alpha1 ?not served/,
    )
  })
})
